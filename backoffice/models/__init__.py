from backoffice.models.exports import FILES_LAST, Export
from backoffice.models.imports import Import, ImportRow
from backoffice.models.lists import MAX_QUERY_LENGTH, ColumnChoice, SavedView
from backoffice.models.notes import MAX_NOTE_LENGTH, AboutRow, Assignment, Note
