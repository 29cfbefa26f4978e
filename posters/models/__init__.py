from posters.models.lines import RecommendationLine
from posters.models.look import ShopLook
from posters.models.posters import Poster
from posters.models.templates import PosterTemplate, PosterTemplateVersion
