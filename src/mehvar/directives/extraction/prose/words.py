"""Hold the words of obligations in Vietnamese, Persian and English: what begins an act, what assigns a role.

These are words of the languages' official register; bodies come from the register of bodies alone.
"""

from __future__ import annotations

import re

from mehvar.organisations.rules.matching.tokens import tokenise

Phrase = tuple[str, ...]


def _phrases(text: str) -> frozenset[Phrase]:
    """Read phrases, one per bar, as folded words."""
    return frozenset(
        tuple(token.fold for token in tokenise(part)) for part in text.split("|") if part.strip()
    )


STOPS = _phrases(
    "xây dựng|tổ chức|triển khai|tổ chức triển khai|tổ chức thực hiện|tổ chức tuyên truyền|thực hiện|rà soát|nghiên cứu|đề xuất|tham mưu|"
    "hướng dẫn|ban hành|trình|báo cáo|kiểm tra|kiểm soát|giám sát|theo dõi|đôn đốc|tăng cường|đẩy mạnh|hoàn thiện|hoàn thành|"
    "bảo đảm|đảm bảo|bố trí|cân đối|tiếp tục|khẩn trương|chủ động|tập trung|phấn đấu|thúc đẩy|phổ biến|tuyên truyền|quán triệt|"
    "xử lý|tháo gỡ|giải quyết|đánh giá|tổng hợp|thẩm định|phê duyệt|công bố|công khai|cung cấp|chia sẻ|kết nối|tích hợp|số hóa|"
    "cập nhật|vận hành|khai thác|sử dụng|ứng dụng|đầu tư|huy động|hỗ trợ|khuyến khích|tạo|làm|lập|soạn thảo|sửa đổi|bổ sung|thống nhất|"
    "xác định|lựa chọn|mở rộng|nâng cao|nâng cấp|đổi mới|cải cách|cắt giảm|đơn giản hóa|thành lập|kiện toàn|phân công|chỉ đạo|"
    "điều phối|tham gia|làm việc|góp phần|phân tích|áp dụng|yêu cầu|thông báo|chuẩn bị|khảo sát|thống kê|gửi|tiến hành|quy hoạch|"
    "thiết lập|nhân rộng|biểu dương|khen thưởng|tiếp nhận|đưa|duy trì|ngăn chặn|chấn chỉnh|tổng kết|sơ kết|kịp thời|nghiêm túc|định kỳ|"
    "quyết liệt|trực tiếp|sớm|để|nhằm|phục vụ|nếu|trên cơ sở|căn cứ|có trách nhiệm|chịu trách nhiệm|phải|cần|chủ trì|phối hợp|"
    "có biện pháp|có giải pháp|có kế hoạch|trong việc|trong quá trình|trong năm|trong quý|trong tháng|trong công tác|theo chức năng|"
    "theo thẩm quyền|theo nhiệm vụ|thường xuyên|là đầu mối|làm đầu mối|được giao|có nhiệm vụ|đăng|mở|rút|quy định|khắc phục|đào tạo|"
    "bồi dưỡng|tập huấn|giải ngân|giải phóng|vận động|phát huy|rút ngắn|lắp đặt|mua sắm|phân bổ|phân cấp|thông tin|truyền thông về|siết chặt|tuân thủ|chấp hành|nâng|giảm|tăng|bám sát|nhanh chóng|dành|ký|cam kết|đề cao|gắn|kết hợp|in ấn|niêm yết|tổ chức lại|sắp xếp|chuyển giao|hình thành|cung ứng|dự trữ|phối hợp với|đề nghị|đàm phán|ký kết|xúc tiến|thu hút|giao|tự|không|chưa|đồng thời|trước ngày|trước|xem xét|"
    "cụ thể hóa|phát động|phát triển|lồng ghép|đăng ký|vào|ngay|hàng năm|hằng năm|hàng quý|hằng quý|hàng tháng|hằng tháng|cho|về|tại|"
    "căn cứ vào|bảo vệ|chuyển đổi|nắm|nhân|thử nghiệm|thí điểm|cải thiện|thanh tra|thu thập|ưu tiên|kêu gọi|bàn giao|tư vấn|cử|"
    "shall|must|will|should|to|is|are|has|have|may|in coordination|in cooperation|in collaboration|together with|jointly|with the|"
    "within|by|before|under|through|report|prepare|develop|establish|ensure|submit|publish|provide|review|draft|monitors|reports|prepares|ensures|leads|coordinates|submits|publishes|provides|"
    "موظف|موظفند|موظفاند|مکلف|مکلفند|مکلفاند|ملزمند|ملزماند|می‌بایست|مسئول|متولی|باید|می باید|می بایست|بایستی|ملزم|نسبت|ظرف|حداکثر|تا|طی|برای|جهت|منظور|به منظور|گزارش|اقدام|"
    "با همکاری|با هماهنگی|با مشارکت|با همراهی|با نظارت|با|در|از|به|را|ضمن|که|برنامه|طرح|پیش نویس|نظارت|عهده دار|پیگیر|دستورالعمل|"
    "شیوه نامه|است|هستند|می تواند|اجازه|فهرست|سامانه|زیرساخت|پیشنهاد|آیین نامه|نقشه|هر|همه|تمامی|کلیه خدمات|خدمات|استاندارد"
)
"""Words at which a list of bodies ends."""

RELATIVES_FA = frozenset(
    {
        "موضوع",
        "مشمول",
        "تحت",
        "دارای",
        "وابسته",
        "عضو",
        "مستقر",
        "فعال",
        "واقع",
        "استان",
        "کشور",
        "شهرستان",
        "منطقه",
        "تابعه",
        "مستقل",
    }
)
"""Words that say more of the body before them."""

NO_ACTS = frozenset(
    {"của", "là", "đã", "được", "bị", "về", "và", "thuộc", "trong", "tại", "năm", "số", "nêu", "trên", "dưới", "sau", "hoặc", "với",
     "từ", "như", "mà", "khi", "do", "bằng", "các", "những", "này", "đó", "có", "qua", "is", "was", "has", "of", "in", "on", "at", "for"}
)  # fmt: skip
"""Words after a body that do not begin what it does."""

OBLIGATION = re.compile(
    r"\b(?:chủ trì(?! (?:phiên|cuộc|hội nghị|buổi|họp))|có trách nhiệm|chịu trách nhiệm|có nhiệm vụ)\b|\b(?:[Gg]iao|[Yy]êu cầu|[Đđ]ề nghị)\s+(?:các\s|[A-ZĐ])|"
    r"\b(?:phải|cần) hoàn thành\b|\bhoàn thành (?:trước|trong (?:năm|quý|tháng))\b|"
    r"موظف|مکلف|ملزم|مقرر\s+(?:شد|گردید)|\bباید\b|می\s?‌?بایست|بایستی|(?:بر|به)\s+عهده|متعهد|مسئولیت|\bمسئول\b|"
    r"\bshall\b|\bmust\b|\b(?:is|are) (?:required|responsible|tasked)\b"
)
"""Words of an obligation, anywhere in a sentence."""

ISSUES = re.compile(
    r"\b(?:chỉ thị|yêu cầu|quyết định|quyết nghị|kết luận|thống nhất|ban hành [^:]{0,60}|thông báo|chỉ đạo|có ý kiến|nghị quyết)(?: như sau)?\s*:\s*$|"
    r"\b(?:decides|resolves|orders|directs|adopts)(?: as follows)?\s*:\s*$|"
    r"(?:تصویب|مقرر|ابلاغ|اعلام|مصوب|اصلاح)\s*(?:و\s\S+\s)?(?:کرد|نمود|شد|گردید|گردیده است|می\s?‌?\s?گردد|می\s?‌?\s?شود|می\s?‌?\s?نماید|داشت)\s*[:：]?\s*$"
)
"""The end of a sentence in which the issuer speaks: what stands before it is not charged."""

ASK = re.compile(
    r"^\s*(?:(?:đồng ý|thống nhất)\s+)?(?:giao cho|giao|yêu cầu|đề nghị|phân công|đối với|trách nhiệm của|nhiệm vụ của|"
    r"مقرر\s+(?:گردید|شد|است|می‌?\s?شود|گردیده است)\s*(?:که)?|مصوب\s+(?:شد|گردید)\s*(?:که)?|بر\s+عهده|به)\s+",
    re.IGNORECASE,
)
"""Words before the body that is charged."""

COORDINATE = re.compile(
    r"^\s*[,،]?\s*(?:và\s+|و\s+|and\s+)?(?:phối hợp(?:\s+chặt chẽ)?\s*(?:với|cùng|(?=[A-ZĐ]))|cùng\s+với|cùng|"
    r"in\s+(?:close\s+)?(?:coordination|cooperation|collaboration|consultation|partnership)\s+with|together\s+with|jointly\s+with|with\s+the\s+(?:support|help|assistance|participation)\s+of|"
    r"با\s+(?:همکاری|هماهنگی|مشارکت|همراهی|کمک))\s*:?\s*",
    re.IGNORECASE,
)
"""Words before the coordinating bodies."""

WITH = re.compile(r"^\s*với\s+", re.IGNORECASE)
"""A coordinating list at the head of an item ("Với các đơn vị của …")."""

LEAD_CUE = re.compile(
    r"^\s*[,،]?\s*(?:(?:là\s+|làm\s+)?(?:cơ quan|đơn vị)?\s*(?:đầu mối|chủ trì)|chủ trì|có trách nhiệm(?:\s+(?:chính|trước))?|chịu trách nhiệm(?:\s+chủ trì)?|"
    r"phải|cần|được giao(?:\s+nhiệm vụ)?|có nhiệm vụ|theo (?:chức năng|thẩm quyền|nhiệm vụ)[^,]{0,60},?|"
    r"(?:موظف|مکلف|ملزم|متعهد)\s*‌?\s*(?:است|اند|هستند|می‌?\s?باشد|می‌?\s?باشند|شد|گردید|ند)?|موظفند|مکلفند|(?:مسئول|متولی|عهده‌?\s?دار)\s+|باید|می‌?\s?بایست|بایستی|"
    r"shall|must|will|should|is to|are to|is responsible for|are responsible for|is required to|are required to|is tasked (?:with|to)|to)"
    r"(?=[\s,،:;.]|$)\s*[,،]?\s*",
    re.IGNORECASE,
)
"""Words that say the subject is charged."""

DIRECT = re.compile(
    r"^\s*[,،]?\s*(?:trực tiếp\s+)?(?:tiếp tục\s+)?(?:phụ trách|chỉ đạo|giám sát chỉ đạo)\b\s*:?\s*",
    re.IGNORECASE,
)
"""Words by which a person oversees."""

PERSON = re.compile(
    r"^\s*(?:các\s+)?(?:đồng chí\s+|các đồng chí\s+|ông\s+|bà\s+)*(?:Thứ trưởng|Phó Chủ tịch|Phó Thủ tướng|Phó Giám đốc|Phó Thống đốc|Phó Tổng|"
    r"Deputy Minister|Vice Minister|Vice-Minister|معاون وزیر|معاون اول|معاون محترم)",
    re.IGNORECASE,
)
"""A person who oversees rather than a body that does."""

MONITOR = re.compile(
    r"^\s*(?:(?:thường xuyên|chủ động|tổ chức)\s+)*(?:theo dõi|đôn đốc|kiểm tra|giám sát)(?:\s*,?\s*(?:và\s+)?(?:theo dõi|đôn đốc|kiểm tra|giám sát|hướng dẫn|tổng hợp|đánh giá))*"
    r"[^.;]{0,140}?(?:(?:thực hiện|triển khai)\s+(?:các\s+)?(?:nội dung\s+|nhiệm vụ\s+)?(?:của\s+)?(?:chỉ thị|nghị quyết|kế hoạch|quyết định|chương trình|công điện|đề án|nhiệm vụ|thông báo|kết luận|công văn|văn bản|đề án|hướng dẫn|quy chế|quy định))|"
    r"^\s*(?:monitors?|follows? up|supervises?|oversees?)[^.;]{0,100}(?:implementation|execution|carrying out|this (?:directive|plan|decision|resolution))|"
    r"(?:نظارت|پیگیری|پایش)[^.؛]{0,80}(?:این\s+(?:مصوبه|بخشنامه|ابلاغیه|دستورالعمل|برنامه|تصویب‌?\s?نامه|دستور)|مفاد|حسن اجرا)",
    re.IGNORECASE,
)
"""An act that is monitoring the directive as a whole."""

WATCH = re.compile(
    r"^\W*(?:مسئولیت\s+)?(?:نظارت|پایش|پیگیری)[^.؛]{0,60}?\s(?:با|بر عهده|به عهده|بر عهده‌ی)\s+|"
    r"^\W*(?:việc|công tác)\s+(?:theo dõi|đôn đốc|kiểm tra|giám sát)[^.;]{0,90}?\s(?:do|giao cho|giao)\s+|"
    r"^\W*(?:the\s+)?(?:monitoring|supervision|follow-up)\s+of[^.;]{0,80}?\s(?:rests with|is entrusted to|lies with|is assigned to)\s+",
    re.IGNORECASE,
)
"""A sentence that makes monitoring its subject and names the body after it."""

NO_TASKS = re.compile(
    r"^(?:[\W\d]*)(?:mục tiêu|mục đích|quan điểm|phạm vi|đối tượng|giải thích từ ngữ|hiệu lực|điều khoản thi hành|nguyên tắc|tình hình|bối cảnh|"
    r"sự cần thiết|căn cứ|tầm nhìn|yêu cầu chung|mục đích, yêu cầu|định hướng|phương châm|hạn chế|kết quả đạt được|"
    r"goals?\b|objectives?|scope|background|definitions?|purpose|preamble|entry into force|vision|"
    r"هدف|اهداف|تعاریف|دامنه|مقدمه|چشم‌?\s?انداز|کلیات|اصول|حاضرین|حاضران|غایبین|دستور جلسه)",
    re.IGNORECASE,
)
"""Headings under which no tasks stand."""

PREAMBLE = re.compile(
    r"^(?:\W*)(?:căn cứ|theo đề nghị|trên cơ sở|thực hiện (?:nghị quyết|chỉ thị|chỉ đạo|quyết định|luật|kế hoạch)|xét đề nghị|nhằm|để |trong thời gian|"
    r"thời gian (?:qua|gần đây)|pursuant to|having regard|whereas|considering|in order to|به استناد|نظر به|با عنایت|در اجرای|پیرو|با استناد|در راستای|با توجه)",
    re.IGNORECASE,
)
"""A paragraph of reasons or legal bases."""

ADVERBIAL = re.compile(
    r"^\W*(?:căn cứ|theo |trên cơ sở|nhằm|để |trong |thực hiện |hàng năm|hằng năm|định kỳ|khi |nếu |đối với |trước |sau |ngoài |bên cạnh|"
    r"from |in |on |within |by |to |for |under |where |when |based on|ضمن|در |به |پس از|برای|با |بر اساس)",
    re.IGNORECASE,
)
"""The beginning of a sentence whose subject may stand later."""

NOT_A_TASK = re.compile(
    r"có hiệu lực|hết hiệu lực|chịu trách nhiệm thi hành|chịu trách nhiệm tổ chức thi hành|takes? effect|enters? into force|comes? into force|"
    r"لازم\s?‌?الاجرا|لغو می|از تاریخ (?:ابلاغ|تصویب) لازم|^\W*ban hành kèm theo|này thay thế",
    re.IGNORECASE,
)
"""A sentence about the document itself."""

CLOSING = re.compile(
    r"^\W*(?:nơi nhận|tm\.|kt\.|tl\.|q\.|recipients|copies?\s*(?:to\b|:)|رونوشت|گیرندگان|lưu\s*:)",
    re.IGNORECASE,
)
"""The first line after the text: recipients and signatures."""

COMPLETION = re.compile(
    r"^\W*(?:hoàn thành|thời hạn|thời gian (?:hoàn thành|thực hiện)|deadline|due|to be completed|مهلت|زمان|موعد)\b",
    re.IGNORECASE,
)
"""A sentence that only states the deadline of the item before it."""
