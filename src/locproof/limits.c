/* What timing cannot show, in the words that stand under every result. */
#include "locproof/locproof.h"

/* clang-format off: sentences are kept whole where they fit */
const struct locproof_limit locproof_limits[] = {
    {"A machine that holds these pieces was within the bound at that time. That no other copy "
     "exists "
     "is not shown.",
     "示されるのは、これらの断片を持つ機械がその時刻に上限の距離内にあったことである。ほかに写しが"
     "ないことは示されない。"},
    {"The pieces are drawn over the entries of the newest log. Of the bodies that it names and the "
     "store "
     "still keeps, 59 right answers and no wrong one show with 95 % confidence that fewer than 5 "
     "in 100 "
     "are missing.",
     "断片は最新の台帳の記録から選ばれる。そこに記録され今も保管される本体のうち欠けているものが "
     "100 に 5 未満であることを、"
     "誤りのない 59 回の応答が信頼度 95 % で示す。"},
    {"A slow answer proves nothing: delay can be added, never taken away. The time of the store's "
     "medium "
     "is part of it.",
     "遅い応答は何も証明しない。遅れは加えられるが、取り除けない。媒体の読み出し時間も含まれる。"},
    {"The times are the landmark's word; its own place is known no better than the register and "
     "its peers "
     "say.",
     "時間は基準点の申告による。基準点の位置は、登録と他の基準点が示す以上には分からない。"},
    {"The bound is that of glass fibre. A link by radio or through hollow fibre can reach half as "
     "far "
     "again.",
     "上限は光ファイバーの速さによる。無線や中空ファイバーの回線は、その 1.5 倍まで届きうる。"},
};
/* clang-format on */
const struct locproof_limit locproof_tag_limit = {
    "An asset tag says which machine it was, by the word of who wrote its record, and no earlier "
    "than the "
    "transcript. Whether it was the machine that answered, and where it stands, it does not say.",
    "資産タグは、登録書を書いた者の言葉によりどの機械かを、この記録より後の時点で示す。応答したのが"
    "その機械であること、"
    "またその所在は示さない。"};
const size_t locproof_limit_count = COUNT_OF(locproof_limits);
