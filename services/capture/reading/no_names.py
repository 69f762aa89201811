"""Words that stand where a name could stand, and are none: what people are, want, do and feel.

In folded spelling (`said.py`), in small letters.
"""

from __future__ import annotations

from typing import Final

JOBS: Final = frozenset(
    """
    مدیر مدیرعامل کارشناس کارمند مشاور مسیول  صاحب نماینده رییس معاون طراح برنامه نویسنده
    وکیل پزشک دندانپزشک دندان داروساز پرستار معلم مدرس استاد دانشجو دانشجوی دانش اموز سردفتر مترجم
    حسابدار فروشنده بازاریاب عکاس ارایشگر اشپز راننده تعمیرکار کارگر پیمانکار سازنده تولیدکننده
    واردکننده صادرکننده تاجر بازرگان مهندس دکتر معمار نقاش خیاط بنا کشاورز نویس تکنسین سرپرست ناظر
    مربی روانشناس محقق پژوهشگر کاراموز بازنشسته خانه بنگاه املاکی مغازه هنرمند موسس موسسه ازاد
    manager director engineer developer designer student teacher doctor lawyer owner founder
    consultant seller expert specialist architect photographer assistant agent sales marketing
    marketer creator accountant programmer nurse dentist freelancer photograph ceo cto coo head lead
    """.split()  # noqa: SIM905 - words under words read better than a thousand quotation marks
)
"""A name may stand before them: `من علی رضایی مدیر فروش هستم`."""
PLACES_OF_WORK: Final = frozenset(
    """
    شرکت فروشگاه موسسه گروه کارخانه دفتر کلینیک مطب رستوران کافه هتل اموزشگاه مدرسه دانشگاه بانک
    سازمان تیم استودیو گالری برند سایت بیمارستان اژانس انتشارات
    company studio hotel clinic school university college agency group restaurant cafe shop store
    office team bank institute hospital gallery brand website support service services department
    express inc ltd llc gmbh
    """.split()  # noqa: SIM905 - words under words read better than a thousand quotation marks
)
_PERSIAN: Final = frozenset(
    """
    سلام درود وقت در از به با برای که هم یک یه خیلی همون همان دنبال علاقه مند علاقمند مشتری خریدار
    منتظر هنوز الان اینجا چی چیه این اون ان را رو تا اگر اگه ولی اما قبلا نه بله شما ما من تو او
    خودم خود هر هیچ همه چند چرا کی کجا کجاست چطور چگونه چنده کدام ایا اره باشه پس فقط نیز
    دیگه دیگر بعد قبل امروز فردا دیروز فعلا حالا همین همینجا انجا اونجا پیش بین روی زیر کنار طرف
    عزیز گرامی محترم جان جون خانم اقا اقای خانوم بانو دوست دوستان همکار همکاران همسر پدر مادر پسر
    دختر برادر خواهر فرزند بچه نفر مرد زن اهل ساکن مقیم متولد عضو فامیل بنده اینجانب
    خوب خوبم بد عالی خسته نباشید ممنون ممنونم مرسی سپاس تشکر متشکر لطفا لطف ببخشید بخیر سلامت
    راضی ناراضی متقاضی خواهان پیگیر مایل حاضر اماده موافق مخالف مطمین  نگران ناراحت خوشحال
    عصبانی شاکی سردرگم گیج کنجکاو مشتاق مجبور مصمم مردد منصرف پشیمان امیدوار متاسف متاهل مجرد شاغل
    بیکار بیمار مریض باردار جوان پیر تنها مشغول گرفتار درگیر مسافر شهروند مهمان کاربر مراجعه مراجع
    تازه کار مبتدی حرفه باتجربه باسابقه قدیمی جدید قبلی فعلی جدی فوری ضروری واجب مهم دایمی
    همیشگی دار ساله سال متر تومان تومن میلیون هزار شاهزاده ایرانی تهرانی شیرازی اصفهانی تبریزی
    مشهدی خارجی محلی شهرستانی داخلی اصلی شخصی اختصاصی رسمی حقوقی حقیقی خصوصی دولتی معمولی کلی جزیی
    دسترسی بررسی سیاسی نظامی کاری اداری تجاری اقتصادی فنی مالی منشی تاکسی بیمه قطعی نهایی کتبی
    تلفنی حضوری قیمت هزینه سفارش خرید فروش مشاوره اطلاعات شماره تماس تلفن موبایل همراه ادرس
    ایمیل زنگ
    سوال پاسخ جواب درخواست کمک راهنمایی پیشنهاد تخفیف نمونه کاتالوگ لیست طراحی سئو تبلیغات
    پروژه محصول خدمات کالا ساختمان ویلا اپارتمان ملک خانه خونه ماشین ساعت روز هفته ماه
    کردم کردید کردین کرد کردند کنم کنید کنین کنه کنند کن بکنید میکنم میکنید میخوام میخواهم میخواستم
    خواستم خواهم بخواهم دارم دارید دارین داره دارد دارند داشتم داشت داشته بود بودم بودند باشم باشد
    باشید باشه شد شدم شده میشه میشود نمیشه نیست نیستم هست هستم هستی هستید هستین هستند هستش است ست
    گفت گفتم گفتند گفتید بگید بگین بگویید میگم بدم بدید بدین بدهید دهید دادم داد دادید دادند میدم
    بزنید بزنین بزن زدم زد زدید بگیرید بگیرین گرفتم گرفت گرفتید بفرستید بفرستین فرستادم فرستاد
    اومد امد امدم رفت رفته رفتم اید میام بیاد بیایید خرید خریدم دیدم دید دیدید شنیدم نوشتم نوشت
    یاد یادت یادتون یادم ثبت اشتباه غلط درست صحیح کامل کاربری سیو ذخیره عوض تغییر مبارک تبریک
    تست نامشخص نبود
    ام ایم اند اش ات می نمی بی هی مان تان شان های ها تر ترین میباشم میباشد ندارم ندارید نداره ندارد
    """.split()  # noqa: SIM905 - words under words read better than a thousand quotation marks
)
_ENGLISH: Final = frozenset(
    """
    interested looking calling writing coming not very here there from sorry happy sure new the a an
    and or but so also too just still already now currently really quite always never ever on in at
    to for of with by about as is am are was were be been being have has had do does did can could
    will would shall should may might must need needs want wants like love hope think know see get
    got make call calling contact text reach send sent give tell ask asking please thanks thank hi
    hello hey dear sir madam mr mrs ms miss dr prof eng yes no ok okay good great fine well bad nice
    cool ready
    back away home busy free available unable able glad afraid aware based living located working
    trying waiting going getting having using planning searching seeking considering wondering
    thinking buying selling building starting running single married old young sick ill tired sad
    angry upset unhappy satisfied dissatisfied serious curious excited confused worried concerned
    pleased delighted grateful keen willing done right wrong correct important urgent registered
    spelled misspelled written listed missing required optional unknown what who when where why how
    which this that these those it its my your his her our their me you him them us we they he she
    i im i'm i’m all any some every each one two three both more most much many customer
    client buyer
    supplier visitor user guest member partner business private personal senior junior chief vice
    real estate software hardware web graphic content digital social media project product human
    resources general international local seo google meta facebook instagram whatsapp telegram
    linkedin twitter ads design development price pricing quote offer order question request
    information help test testing today tomorrow yesterday monday tuesday wednesday thursday friday
    saturday sunday january february march april june july august september october november
    december iranian persian iran tehran british american canadian german french turkish arab afghan
    italian spanish russian indian chinese kurdish european australian english london dubai germany
    england canada america turkey europe speaking phone mobile number email first last name surname
    native fluent above below confidential anonymous none street airport mall
    """.split()  # noqa: SIM905 - words under words read better than a thousand quotation marks
)
NO_NAMES: Final = JOBS | PLACES_OF_WORK | _PERSIAN | _ENGLISH

_SHORT: Final = 2
"""Letters of a stem too short to tell anything."""


def is_none(word: str) -> bool:
    """Whether a word is none of a name: one of these, be it with an indefinite `ی`, or a letter."""
    stem = word.removesuffix("ی")
    return len(word) == 1 or word in NO_NAMES or (len(stem) > _SHORT and stem in NO_NAMES)
