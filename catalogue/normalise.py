"""The one form of a message that cues are looked for in.

Callers' text arrives with HTML, fullwidth letters, traditional characters, emoji and blanks
between characters. Cues are written once, simplified and in lower case; this module brings
the text to meet them. Every step takes time linear in the length of the text.
"""

import html
import re
import unicodedata

_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,500}>")
_BETWEEN_CHINESE = re.compile(
    r"(?<=[\u3400-\u9fff])[^\w,.!?;:'\"()\[\]<>/%。、…《》“”‘’-]+(?=[\u3400-\u9fff])"
)
_BLANKS = re.compile(r"\s+")

# Traditional and simplified, side by side: the characters our cues use, and common neighbours.
_PAIRS = (
    "媽妈爺爷奶奶親亲繼继養养爾尔兒儿孫孙姪侄女女歲岁嬰婴寶宝園园學学師师長长級级綠绿紅红"
    "網网遊游戲戏遺遗棄弃虐虐傷伤殺杀殘残強强姦奸擊击體体罰罚辱辱罵骂鬥斗毆殴歐欧燒烧燙烫"
    "凍冻餓饿飯饭關关鎖锁門门開开離离婚婚撫抚監监護护權权費费錢钱財财產产賠赔償偿養养賣卖"
    "買买販贩誘诱騙骗綁绑載载車车輛辆電电話话視视頻频圖图傳传發发訊讯號号碼码臉脸裸裸聲声"
    "淚泪淤淤瘀瘀腫肿藥药醫医療疗診诊術术髮发護护衛卫檢检驗验證证據据報报舉举訴诉訪访請请"
    "諮咨詢询問问題题應应該该們们個个這这裡里裏里邊边從从來来對对說说講讲聽听見见覺觉認认"
    "識识讓让給给與与為为會会還还過过進进遠远連连運运動动勞劳務务業业廠厂場场員员軍军隊队"
    "老老時时間间後后復复複复幾几麼么什什嗎吗無无沒没處处辦办實实際际屬属國国區区縣县鄉乡"
    "鎮镇街街樓楼頂顶臺台窗窗戶户籍籍屋屋廁厕廳厅餐餐館馆飲饮煙烟酒酒賭赌癮瘾毒毒盜盗竊窃"
    "搶抢劫劫團团夥伙幫帮派派貼贴罵骂謠谣誣诬威威脅胁嚇吓恐恐懼惧憂忧鬱郁慮虑煩烦難难壓压"
    "淪沦迷迷沉沉機机構构補补課课習习業业試试考考書书讀读寫写報报紙纸筆笔銀银帳账戶户轉转"
    "匯汇退退款款購购採采價价優优惠惠遊游樂乐設设備备險险潛潜溺溺蓋盖溝沟護护欄栏滅灭災灾"
    "獄狱審审訊讯偵侦檢检觀观護护犯犯記记錄录檔档洩泄漏漏隱隐祕秘密密偽伪陰阴陽阳懷怀孕孕"
    "墮堕產产屍尸賤贱憐怜憫悯絕绝尋寻遠远歸归跡迹蹤踪丟丢棄弃撿捡拋抛擲掷兇凶惡恶魯鲁貧贫"
    "窮穷濟济貸贷貼贴獎奖勵励稱称讚赞謝谢錦锦旗旗議议倡倡籲吁願愿總总統统組组織织紋纹織织"
    "線线結结終终絲丝緊紧縮缩繩绳續续罷罢聯联職职腦脑臟脏髒脏舊旧艱艰藍蓝蘭兰蟲虫補补裝装"
    "褲裤襯衬規规觸触計计訂订託托許许詐诈評评詞词試试詳详誰谁調调談谈諒谅論论譯译譽誉豬猪"
    "貓猫負负責责貨货貪贪貴贵資资賓宾質质賴赖贏赢趕赶趙赵跡迹踐践躍跃軀躯軟软較较輕轻輪轮"
    "輸输辭辞農农迴回違违遞递適适選选遲迟邏逻郵邮鄰邻醜丑釋释針针鐵铁鋼钢錯错鍵键鏈链鐘钟"
    "鑰钥閉闭閱阅闆板陳陈陸陆隨随雙双雜杂雞鸡靜静響响頁页項项順顺預预頓顿領领頭头顏颜類类"
    "顧顾顯显風风飛飞驅驱騎骑騷骚驚惊骯肮髮发鬧闹魚鱼鮮鲜麗丽麥麦黃黄點点黨党齡龄龍龙係系"
    "倆俩側侧傾倾僅仅儘尽兩两內内寬宽寵宠層层島岛幣币幹干庫库廢废彈弹彙汇徵征憑凭戰战扶扶"
    "掛挂換换揮挥損损搖摇擔担擁拥據据擠挤擴扩擾扰攔拦數数斷断於于暈晕條条極极榮荣樣样樹树"
    "橋桥橫横歡欢氣气決决況况洩泄淨净減减測测湊凑準准滿满漁渔潑泼灣湾為为燈灯爛烂爭争牆墙"
    "獨独現现環环瑪玛畫画異异當当痙痉瘋疯盡尽睜睁矯矫碩硕禮礼種种穩稳窩窝競竞節节範范築筑"
    "簡简簽签糧粮純纯級级細细絡络經经維维繼继罰罚聖圣聞闻腳脚膽胆舉举葉叶蓋盖薦荐蝦虾術术"
    "壞坏壽寿夢梦夠够奪夺婦妇媳媳嬌娇孿孪寢寝專专將将導导屆届帶带廣广張张徹彻恆恒愛爱態态"
    "慘惨慣惯戀恋抓抓拘拘撲扑攝摄敗败敵敌暫暂曉晓殼壳毀毁沖冲淺浅渾浑湯汤滾滚潔洁濕湿瀏浏"
    "撥拨癡痴盪荡"
)
_SIMPLIFY = str.maketrans({_PAIRS[i]: _PAIRS[i + 1] for i in range(0, len(_PAIRS), 2)})


def normalise(text: str) -> str:
    """`text` in lower case, half width, simplified, without HTML, emoji or inner blanks.

    Blanks and symbols between two Chinese characters vanish, so that `孩 子` and `孩😭子` still
    say 孩子; between other characters blanks become one space. Never longer than four times the
    text, except for a few compatibility characters.
    """
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    text = unicodedata.normalize("NFKC", text).lower().translate(_SIMPLIFY)
    text = _BETWEEN_CHINESE.sub("", text.replace("’", "'"))
    return _BLANKS.sub(" ", text).strip()
