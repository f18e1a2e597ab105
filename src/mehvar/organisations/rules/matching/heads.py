"""Hold the grammar of bodies' names: nouns that begin a name, titles of their heads, words that qualify a group.

These are words of the languages, not names: names come from the register alone.
"""

from __future__ import annotations

from mehvar.organisations.rules.matching.tokens import tokenise

Phrase = tuple[str, ...]


def _phrases(text: str) -> frozenset[Phrase]:
    """Read phrases, one per bar, as folded words."""
    return frozenset(
        tuple(token.fold for token in tokenise(part)) for part in text.split("|") if part.strip()
    )


CLOSED_HEADS = _phrases("Bộ|Ministry of|وزارت")
"""Nouns whose bodies are all registered: an unknown one is a mistake."""

OPEN_HEADS = _phrases(
    "Sở|Vụ|Cục|Tổng cục|Chi cục|Phòng|Ban|Ban Quản lý|Ban Chỉ đạo|Ban Chấp hành|Trung tâm|Viện|Học viện|Trường|Đại học|"
    "Hội|Hiệp hội|Liên hiệp|Liên đoàn|Liên minh|Tổng hội|Tổng công ty|Tập đoàn|Công ty|Ngân hàng|Kho bạc|Quỹ|Hội đồng|Ủy ban|"
    "UBND|HĐND|Công an|Bộ Chỉ huy|Bộ Tư lệnh|Văn phòng|Thanh tra|Tòa án|Viện kiểm sát|Đài|Báo|Nhà xuất bản|"
    "Thông tấn xã|Bảo hiểm|Thuế|Hải quan|Bưu điện|Điện lực|Bệnh viện|Đoàn|Mặt trận|Tỉnh ủy|Thành ủy|Huyện ủy|Đảng ủy|Tổ công tác|"
    "Thành phố|Tỉnh|Huyện|Quận|Thị xã|Xã|Phường|Thứ trưởng|Phó Chủ tịch|Phó Thủ tướng|"
    "سازمان|شرکت|مرکز|معاونت|معاون|اداره|اداره کل|دبیرخانه|کمیسیون|شورا|شورای|شورای عالی|ستاد|استانداری|فرمانداری|پژوهشگاه|"
    "پژوهشکده|دانشگاه|بانک|صندوق|کمیته|کارگروه|بنیاد|موسسه|مؤسسه|شهرداری|قرارگاه|پارک|گمرک|نیروی|پلیس|اتاق|دفتر|مجلس|قوه|"
    "ستاد کل|جهاد|خبرگزاری|روابط عمومی|هیئت|هیات|حوزه|دیوان|نهاد|انجمن|اتحادیه|"
    "Department of|Office of|Agency for|Authority|Directorate|Bureau|Institute|Centre|Center|Committee|Commission|Council|"
    "Board|Bank|University|National|State|General|Provincial|Association|Company|Corporation"
)
"""Nouns whose bodies may lie outside the register."""

GENERIC_HEADS = _phrases(
    "doanh nghiệp|tổ chức|cơ quan|đơn vị|hiệp hội|hội|viện|viện nghiên cứu|trường|trường đại học|tập đoàn|tổng công ty|công ty|"
    "địa phương|tỉnh|thành phố|huyện|thị xã|xã|phường|chủ đầu tư|nhà đầu tư|cá nhân|người dân|thủ trưởng|đối tác|ngân hàng|"
    "cơ sở|đoàn thể|chuyên gia|nhà khoa học|bên liên quan|ban|vụ|cục|sở|phòng|chủ tịch|thứ trưởng|bộ|ngành|thương vụ|"
    "đồng chí|đoàn|tổ|khối|trung tâm|"
    "دستگاه|دستگاههای|دستگاه های|سازمانها|سازمان های|شرکتها|شرکت های|نهادها|نهادهای|مراکز|واحدها|واحدهای|اپراتورها|اپراتورهای|"
    "دانشگاهها|دانشگاه های|بخش خصوصی|بخش|ارگان های|ارگانهای|استانها|استان های|ادارات|معاونت های|مدیران|مدیران کل|وزارتخانه های|بانک های|"
    "companies|enterprises|organisations|organizations|agencies|operators|universities|businesses|bodies|authorities|"
    "departments|ministries|units|stakeholders|partners|provinces|localities|associations"
)
"""Nouns that describe a kind of body rather than name one."""

QUANTIFIERS = _phrases(
    "các|những|một số|toàn thể|tất cả các|tất cả|toàn bộ|từng|mỗi|"
    "کلیه|تمامی|تمام|همه|سایر|برخی|هر یک از|all|other|relevant|concerned|the|each|some|every|related"
)
"""Words that stand before a group."""

QUALIFIERS = _phrases(
    "liên quan|có liên quan|khác|khác có liên quan|khác liên quan|hữu quan|nêu trên|trong cả nước|trên cả nước|trên toàn quốc|"
    "toàn quốc|trực thuộc Trung ương|trực thuộc TW|trên địa bàn|trên địa bàn tỉnh|của tỉnh|thuộc tỉnh|trong tỉnh|nói trên|"
    "trên địa bàn thành phố|thuộc thành phố|của thành phố|và các đơn vị liên quan khác|cùng cấp|có thẩm quyền|"
    "مرتبط|ذی ربط|ذیربط|ذی صلاح|مربوط|مربوطه|کشور|مشمول|تابعه|استان|ذی نفع|"
    "concerned|involved|related|and others"
)
"""Words after a group that do not change whom it means."""

TITLES = _phrases(
    "Bộ trưởng|Chủ tịch|Giám đốc|Tổng giám đốc|Thủ trưởng|Tổng cục trưởng|Cục trưởng|Vụ trưởng|Viện trưởng|Chánh|Trưởng|"
    "Trưởng ban|Thống đốc|Lãnh đạo|Đồng chí|Người đứng đầu|Tổng|Hiệu trưởng|Chủ nhiệm|Tư lệnh|Bí thư|Tổng Giám đốc|"
    "Minister of|Head of|Director of|Chair of|Heads of|رئیس|رییس|مدیرعامل|مدیر کل|مدیرکل|سرپرست|دبیر"
)
"""Titles of a body's head; the duty is the body's."""

PLURAL_HEADS = {
    tuple(token.fold for token in tokenise(plural)): singular
    for plural, singular in (
        ("các Bộ", "Bộ"),
        ("Bộ", "Bộ"),
        ("các Sở", "Sở"),
        ("Sở", "Sở"),
        ("các sở, ngành", "Sở"),
        ("các sở, ban, ngành", "Sở"),
        ("các sở, ban ngành", "Sở"),
        ("các bộ, ngành", "Bộ"),
        ("Giám đốc các Sở", "Sở"),
        ("Giám đốc Sở", "Sở"),
        ("Bộ trưởng các Bộ", "Bộ"),
        ("lãnh đạo các Sở", "Sở"),
        ("Thủ trưởng các Sở", "Sở"),
        ("các Vụ, Cục", "Vụ"),
        ("các Vụ", "Vụ"),
        ("Vụ", "Vụ"),
        ("các Cục", "Cục"),
        ("Cục", "Cục"),
        ("các Ban", "Ban"),
        ("các Phòng", "Phòng"),
        ("Phòng", "Phòng"),
        ("các Tổng cục", "Tổng cục"),
        ("các Viện", "Viện"),
        ("các tỉnh", "tỉnh"),
        ("các thành phố", "thành phố"),
        ("các tỉnh, thành phố", "tỉnh"),
        ("UBND các tỉnh", "UBND tỉnh"),
        ("Ủy ban nhân dân các tỉnh", "UBND tỉnh"),
        ("UBND các huyện", "UBND huyện"),
        ("các huyện", "UBND huyện"),
        ("các địa phương", ""),
        ("địa phương", ""),
        ("các đơn vị", ""),
        ("các cơ quan", ""),
        ("các Thứ trưởng", "Thứ trưởng"),
        ("وزارتخانه های", "وزارت"),
        ("وزارتخانه‌های", "وزارت"),
        ("وزارتین", "وزارت"),
        ("سازمان های", "سازمان"),
        ("شرکت های", "شرکت"),
        ("استانداری های", "استانداری"),
        ("ادارات کل", "اداره کل"),
        ("معاونت های", "معاونت"),
        ("Ministries of", "Ministry of"),
        ("the Ministries of", "Ministry of"),
        ("Departments of", "Department of"),
    )
}
"""A plural head noun and the singular that each name of its list takes."""


def phrase_at(folds: tuple[str, ...], phrases: frozenset[Phrase] | dict[Phrase, str], index: int) -> int:
    """Give the number of words of the longest phrase that begins at the index (0 if none)."""
    for length in range(min(5, len(folds) - index), 0, -1):
        if folds[index : index + length] in phrases:
            return length
    return 0
