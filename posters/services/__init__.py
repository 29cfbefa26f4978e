from posters.services.drawing import LEASE, draw_poster, sweep_lost
from posters.services.lines import (
    MAX_OWN_LINES,
    LineRefused,
    LineTooLong,
    OfferedLine,
    accept_line,
    offered_lines,
    require_decent_line,
)
from posters.services.look import MAX_LOGO_BYTES, InvalidLook, change_logo, change_look
from posters.services.removal import remove_posters_of, sweep_old
from posters.services.requests import (
    OpenedPoster,
    PosterFailed,
    SizeNotOffered,
    TemplateUnknown,
    open_poster,
    replace_stand_ins,
)
from posters.services.templates import (
    DocumentUnstorable,
    InvalidTemplateEntry,
    TemplateOutdated,
    TemplateUnfit,
    VersionUnknown,
    change_template,
    create_template,
    draw_sample,
    load_shipped,
    publish_version,
    save_version,
)
from posters.services.warming import warm, warm_soon
