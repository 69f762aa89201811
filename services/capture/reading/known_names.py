"""Names that many people in Iran and its neighbourhood have, in folded spelling (`said.py`).

Written by hand. They are no register: they tell a name from a word where the sentence does not.
"""

from __future__ import annotations

from typing import Final

MEN: Final = frozenset(
    """
    علی محمد حسین حسن رضا مهدی امیر احمد محمود حمید مجید سعید وحید مسعود مسلم مصطفی مرتضی مجتبی
    ابراهیم اسماعیل یوسف یونس یاسر یاسین یحیی عباس عبدالله اکبر اصغر جواد جعفر صادق کاظم باقر
    هادی هاشم ناصر نادر نوید نیما امید ایمان احسان اشکان ارش ارمان ارمین ارین ارتین اریا ارسلان
    افشین بابک بهرام بهزاد بهنام بهروز بهمن بیژن پدرام پرویز پژمان پویا پوریا پیمان پیام پارسا تورج
    جمشید جلال جمال حامد حبیب حجت خسرو داریوش داوود داود رامین رامتین رسول روزبه روح سامان سامیار
    سپهر سجاد سروش سهراب سهیل سیامک سیاوش سینا شاهین شایان شهاب شهرام شهریار شروین طاها عرفان علیرضا
    غلامرضا محمدرضا محمدحسین محمدعلی امیرحسین امیرعلی امیررضا امیرمحمد حمیدرضا فرزاد فرزین فرشاد
    فرشید فرهاد فرید فریبرز فرامرز قاسم کامران کامبیز کاوه کوروش کیان کیارش کیوان کیومرث ماهان
    مازیار ماکان میلاد میثم منصور منوچهر مهران مهرداد مهرزاد مهیار نصرت هومن هوشنگ یاشار سیروس
    کریم رحیم سلیم عظیم رحمان سلمان سلطان یعقوب ایوب ادریس عیسی موسی نعمت قربان عزت غلام حیدر صفدر
    امین دانیال متین مبین مهرشاد ارشام ایدین بردیا غلامحسین محمدمهدی محمدجواد امیرمهدی
    مهدیار ابوالفضل ابوالقاسم ابوذر احمدرضا  پرهام پارسیا رهام رایان رادین کسری مانی مزدک
    """.split()  # noqa: SIM905 - words under words read better than a thousand quotation marks
)
WOMEN: Final = frozenset(
    """
    زهرا فاطمه مریم معصومه مینا مهسا مهناز مهشید مهتاب مهرناز مهری مژگان مژده ملیکا منا مونا محدثه
    مرضیه منیژه منصوره نرگس نسرین نسترن نازنین نازی ناهید ندا نجمه نگار نگین نوشین نیلوفر نیکی نیکا
    نیوشا هانیه هدی هدیه هستی هما هنگامه یاسمن یاسمین یگانه یلدا لیلا لاله لادن لیدا گلناز گلنار
    کیمیا کتایون کبری فرزانه فرناز فرنوش فریبا فریده فرشته فهیمه غزل غزاله عاطفه عسل طاهره طناز
    صبا صدف صفورا صغری شادی شبنم شراره شقایق شکوفه شهره شهلا شهناز شیدا شیرین شیما شیوا سارا ساره
    ساناز سحر سپیده ستاره سمانه سمیرا سمیه سمن سوسن سودابه سوگند سهیلا سیما زینب زهره ژاله ژیلا
    رها رویا ریحانه راضیه رعنا رقیه روشنک دنیا درسا دیبا خدیجه حمیده حدیث حنانه ثنا ترانه تینا تارا
    پریسا پریا پگاه پروانه پروین پرستو پونه بهار بهاره بنفشه بیتا باران ایدا اتنا اتوسا ازاده ازیتا
    اذر ارزو ارغوان اسیه افسانه افسون الناز الهام الهه المیرا الینا اعظم اکرم انیتا انسیه
    ستایش مهرسا نورا حنا ایناز فاطیما ملیحه حلما
    اناهیتا ایلناز مهدیه محبوبه سعیده وحیده مایده نفیسه نیره اسرا ارام نسیم رومینا
    """.split()  # noqa: SIM905 - words under words read better than a thousand quotation marks
)
FAMILIES: Final = frozenset(
    """
    احمدی محمدی حسینی رضایی کریمی حیدری موسوی هاشمی جعفری رحیمی مرادی صادقی ابراهیمی اکبری قاسمی
    عباسی اسدی یوسفی نوری رستمی نظری محمودی اسماعیلی حسنی علوی رحمانی میرزایی صالحی غلامی سلیمانی
    رضوی امیری قربانی زارعی شریفی طاهری یعقوبی کاظمی باقری نجفی اکبرپور فلاحی عابدی سعیدی
    علیزاده حسینزاده محمدزاده احمدزاده کریمزاده رحیمزاده مهدوی شیخی نعمتی امینی خسروی بهرامی رمضانی
    خلیلی داوودی داودی بیگی ملکی حاتمی جلالی جمالی جوادی خانی خدادادی دهقانی دهقان رجبی رسولی رنجبر
    زمانی سلطانی شفیعی صفری صفایی ضیایی عسگری عسکری عظیمی علیپور فاضلی فتحی فراهانی فرجی
    قنبری کمالی گودرزی لطفی مجیدی مرتضوی مصطفوی معصومی منصوری مولایی مومنی ناصری نصیری نیکنام
    همتی یزدانی ایزدی باباپور بابایی بختیاری براتی پیرزاده تقوی تقیپور توکلی جهانگیری حبیبی
    حسنزاده حمیدی خدایی درویشی ذوالفقاری رفیعی ساعدی سهرابی شمس شهبازی شعبانی صادقزاده
    صدیقی طالبی طباطبایی عبداللهی عطایی غفاری فرهادی فرهمند فروزان قادری قدیری کاظمزاده
    کاویانی کرمی کیانی محسنی محبی مقدم مظفری معینی مهرابی میری نادری نامدار واحدی
    وحیدی هدایتی یحیایی افشار افشاری اصغری اعتمادی الهی امامی انصاری اقایی بهزادی بهمنی
    پناهی پاکدل ترابی جباری چراغی حجتی خوشنویس دلاوری دانشور رادمنش راد
    زاهدی ستاری سبحانی شجاعی شاهینی صباغی صمدی طهماسبی عارفی فرخی فیاضی قایمی مشایخی مرادیان
    کریمیان محمدیان رضاییان صادقیان احمدیان حسینیان رستمیان نوریان هاشمیان سلیمی سجادی کاووسی کاوسی
    معتمدی نبوی نیکخواه وزیری ولیزاده قلیزاده قلیپور مهدیزاده مهدیپور حسنپور حسینپور محمدپور
    """.split()  # noqa: SIM905 - words under words read better than a thousand quotation marks
)
"""Common ones; not those that say more often where somebody comes from, or what one is like."""
LATIN: Final = frozenset(
    """
    ali mohammad mohamad mohammed muhammad hossein hosein hussein hasan hassan reza mehdi mahdi amir
    ahmad ahmed mahmoud mahmood hamid majid saeed saeid vahid masoud masood mostafa mustafa morteza
    mojtaba ebrahim ibrahim esmaeil yousef yusuf abbas akbar asghar javad jafar sadegh kazem hadi
    naser nader navid nima omid iman ehsan ashkan arash arman armin arian aria arya afshin babak
    bahram behzad behnam behrouz behrooz bahman bijan pedram parviz pejman pezhman pouya pooya
    pouria pooria peyman payam parsa touraj jamshid hamed habib khosro dariush daryoush davood
    davoud
    ramin rasoul rasool rouzbeh roozbeh saman sepehr sajjad sajad soroush soheil sohrab siamak
    siavash sina shahin shayan shahab shahram shahriar shervin taha erfan alireza gholamreza
    mohammadreza mohamadreza amirhossein amirali hamidreza farzad farzin farshad farshid farhad
    farid
    fariborz ghasem kamran kambiz kaveh kourosh kiarash keyvan mahan maziar milad meysam mansour
    manouchehr mehran mehrdad mahyar hooman houman omar khalid khaled karim rahim
    zahra fatemeh fateme fatima maryam masoumeh mina mahsa mahnaz mahtab mehrnaz mozhgan mojgan
    melika mona marzieh mansoureh narges nasrin nastaran nazanin nahid neda najmeh negar negin
    noushin niloufar niloofar nika hanieh hoda hengameh yasaman yasmin yeganeh yalda leila leyla
    laleh ladan lida golnaz kimia katayoun farzaneh farnaz fariba farideh fereshteh fahimeh ghazal
    ghazaleh atefeh tahereh tannaz saba sadaf shadi shabnam shaghayegh shokoufeh shohreh shahla
    shahnaz sheida shirin shima shiva sara sarah sahar samira samaneh sanaz sepideh setareh somayeh
    soosan soudabeh sima zeinab zeynab zohreh zhaleh raha roya reyhaneh razieh donya dorsa hananeh
    taraneh tina tara parisa paria pegah parvaneh parvin parastoo bahar bahareh banafsheh bita baran
    aida atena atousa azadeh azita arezoo arezou asieh afsaneh elham elaheh elmira elina azam akram
    anita anahita elnaz aisha
    john james robert michael william david richard joseph thomas charles christopher daniel matthew
    anthony steven stephen paul andrew joshua kevin brian george edward peter henry adam nathan
    alexander alex martin simon oliver harry lucas liam noah ethan samuel benjamin tom mike chris
    steve nick mary patricia jennifer linda elizabeth barbara susan jessica karen lisa nancy sandra
    ashley emily kimberly donna michelle carol amanda melissa deborah stephanie rebecca laura helen
    amy anna emma olivia sophia sophie isabella mia charlotte kate katherine julia maria alice lucy
    rachel mehmet ahmet ayse fatma hans klaus pierre luis carlos jose juan olga ivan dmitry sergey
    natalia elena
    """.split()  # noqa: SIM905 - words under words read better than a thousand quotation marks
)
"""Given names in Latin letters; none that is an English word in small letters."""
WORDS_TOO: Final = frozenset(
    """
    پیام امید ایمان بهار باران دنیا شادی رویا روح صدف مژده پیمان احسان هما هدیه هستی یگانه ترانه
    پروانه ستاره سحر شکوفه شبنم غزل عسل نگین نگار شراره شیرین صبا ارزو ارغوان افسانه افسون الهام
    اذر ثنا رها سپیده سوگند سمن سوسن لاله فرشته بنفشه دیبا حدیث صادق مسلم رسول حبیب حجت جلال
    جمال نوید ارمان اریا پارسا پریا پروین زهره ژاله مهتاب نرگس یاسمن یلدا کیان شهاب شاهین سامان
    میلاد سپهر نعمت قربان عزت غلام سلطان ارام نسیم بهمن اعظم اکرم سعید مینا
    """.split()  # noqa: SIM905 - words under words read better than a thousand quotation marks
)
"""Given names that are as common as words: beside a number they count only before a family name."""
GIVEN: Final = MEN | WOMEN | LATIN
