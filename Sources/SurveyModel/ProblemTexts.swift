extension Problem {
    /// What happened, and what to do.
    public var sentences: (what: Label, remedy: Label) {
        func row(_ zh: String, _ zhRemedy: String, _ en: String, _ enRemedy: String)
            -> (what: Label, remedy: Label)
        {
            (Label(zh: zh, en: en), Label(zh: zhRemedy, en: enRemedy))
        }
        switch self {
        case .usage:
            return row(
                "用法不对：{}。", "请看 --help。", "Wrong usage: {}.", "See --help.")
        case .unknownSubject:
            return row(
                "找不到“{}”。", "请用 household list 或 person list 查看编号。",
                "There is no household, person or village \"{}\".",
                "Look it up with \"lianhu household list\" or \"lianhu person list\".")
        case .ambiguousSubject:
            return row(
                "对应不止一个：{}。", "请用其中一个的完整编号（lianhu history 加编号可看是谁）。",
                "That stands for more than one: {}.",
                "Give the whole id of one of them: \"lianhu history ID\" tells who it is.")
        case .unknownArea:
            return row(
                "名册中没有区域“{}”。", "请用任一级代码或管理单位名称。",
                "The register has no area \"{}\".",
                "Give a code of any level or a managing unit's name.")
        case .unknownRound:
            return row(
                "没有轮次“{}”。", "请用 lianhu status 或 lianhu-server round list 查看。",
                "There is no round \"{}\".",
                "See \"lianhu status\" or \"lianhu-server round list\".")
        case .noOpenRound:
            return row(
                "没有进行中的轮次。", "请管理员运行 lianhu-server round open，然后 lianhu sync。",
                "No round is open.",
                "Ask the administrator to run \"lianhu-server round open\", then sync.")
        case .unknownForm:
            return row(
                "没有表单“{}”。", "可选：lianhu forms show。",
                "There is no form \"{}\".", "See \"lianhu forms show\".")
        case .unknownRecord:
            return row(
                "找不到记录“{}”。", "请用 check、conflicts list 输出的记录编号。",
                "There is no record \"{}\".",
                "Use a record id as printed by \"check\" or \"conflicts list\".")
        case .unknownSection:
            return row(
                "记录没有栏目“{}”。", "请用 conflicts list 查看栏目。",
                "The record has no section \"{}\".",
                "See the sections with \"lianhu conflicts list\".")
        case .unknownEdit:
            return row(
                "没有答案或更改“{}”。", "可选答案见 conflicts list，待审更改见 review list（已决定的加 --all）。",
                "There is no answer or edit \"{}\".",
                "See \"conflicts list\"; held edits: \"review list\" (--all: decided too).")
        case .notContested:
            return row(
                "“{}”没有争议。", "无需处理。", "\"{}\" is not contested.", "Nothing to do.")
        case .noTerminal:
            return row(
                "这里不是终端，无法逐项提问。", "请用 --set 字段=值（check 还可用 --from 文件）。",
                "Not a terminal; cannot prompt.",
                "Use --set field=value; \"check\" takes --from FILE too.")
        case .inputEnded:
            return row(
                "输入在表单保存之前结束；已答的如有则保留为草稿。", "再用同一命令接着填，或用 --set 字段=值。",
                "The input ended before the form was saved; what was answered, if anything, is a draft.",
                "Go on with the same command, or use --set field=value.")
        case .notUTF8:
            return row(
                "命令行里有不是 UTF-8 的文字。",
                "请把终端或脚本的编码从 GBK 改为 UTF-8 后重试；没有保存任何内容。",
                "An argument holds text that is not UTF-8.",
                "Set the terminal or the script to UTF-8, not GBK, and try again; nothing was saved."
            )
        case .nobodyAsked:
            return row(
                "没有要查的人：{}。", "要查某个成员，请用 户编号/人员编号。",
                "There is nobody to ask: {}.", "For one member give HOUSEHOLD/PERSON.")
        case .wrongSubject:
            return row(
                "对象不对：{}。", "村用村代码，农户用户编号，人员用 户编号/人员编号。", "Wrong subject: {}.",
                "Give a village's code, a household's number or HOUSEHOLD/PERSON.")
        case .unacceptable:
            return row(
                "更改“{}”不能采纳：任何设备都不得这样改动它的对象。", "请用 review reject 拒绝它。",
                "The edit \"{}\" cannot be accepted: no device may write that of its subject.",
                "Reject it with \"review reject\".")
        case .unknownFinding:
            return row(
                "找不到问题“{}”。", "请用 lianhu finding list 查看编号。",
                "There is no finding \"{}\".", "See \"lianhu finding list\".")
        case .badAnswer:
            return row("答案有误。", "请改正。", "An answer is wrong.", "Correct it.")
        case .contestedSection:
            return row(
                "栏目“{}”有争议，不能直接修改。", "请先用 lianhu conflicts resolve 选定答案。",
                "The section \"{}\" is contested.",
                "Choose an answer with \"lianhu conflicts resolve\" first.")
        case .nothingToSave:
            return row(
                "没有可保存的答案。", "请至少填写一项。", "There is no answer to save.",
                "Give at least one.")
        case .oversizedEdit:
            return row(
                "填写内容超过 64 KiB。", "请缩短文字。", "The answers exceed 64 KiB.",
                "Shorten the texts.")
        case .likelyDuplicate:
            return row(
                "名册中有 {} 户可能是同一户。", "请核对；确实不同就加 --anyway，相同就直接使用已有的户。",
                "Households of the register that may be this one: {}.",
                "Please check; use the one that is there, or add --anyway.")
        case .notRectified:
            return row(
                "这个问题还没有整改。", "请先 lianhu finding rectify。",
                "This finding is not rectified.", "Run \"lianhu finding rectify\" first.")
        case .ownRectification:
            return row(
                "整改人不能核验自己的整改。", "请由另一个人核验。",
                "Whoever rectified a finding cannot verify it.", "Somebody else must verify it.")
        case .takenNumber:
            return row(
                "这个编号已有：{}。", "请核对：就是它，请用已有的记录；不是，请换一个编号。",
                "That number is taken: {}.",
                "If it is the same one, use that entry; else give another number.")
        case .verifiedFinding:
            return row(
                "这个问题已核验，未改动。", "登记人或核验人确需重新打开，请加 --reopen。",
                "This finding is verified and stays so.",
                "Its author or verifier may take it back: \"finding rectify --reopen\".")
        case .newAnswers:
            return row(
                "刚收到别的答案，没有选定。", "请再看一遍。",
                "Another answer arrived just now; nothing was decided.", "Look again.")
        case .sameEntry:
            return row(
                "两个编号是同一条名册记录。", "请给出两条不同的记录。",
                "Both are the same register entry.", "Name two entries.")
        case .otherVillage:
            return row(
                "两户不在同一个村。", "请先用 lianhu household move 把其中一户转到同一个村。",
                "The two households are not in one village.",
                "Move one of them first with \"lianhu household move\".")
        case .villageNotHere:
            return row(
                "村 {} 的名册不在本机，不知道该户是否已有。", "请先 lianhu pull 该村；确需新增，请加 --anyway。",
                "The register of the village {} is not here, so nobody knows whether it has the household.",
                "Run \"lianhu pull\" for it first; to add it all the same, say --anyway.")
        case .noFinding:
            return row(
                "该检查没有要登记的问题，或问题已经登记。", "已登记的见 lianhu finding list。",
                "The check calls for no finding, or it is registered already.",
                "See \"lianhu finding list\".")
        case .sameVillage:
            return row(
                "该户已经在村 {}。", "更正住址请用 lianhu household edit。",
                "The household is in the village {} already.",
                "To correct its address: \"lianhu household edit\".")
        case .badLine:
            return row(
                "这一行不是有效的 JSON 检查。",
                "每行格式：{\"kind\",\"subject\",\"set\":{…}}。",
                "This line is not a check in JSON.",
                "Write {\"kind\",\"subject\",\"set\":{…}} on each line.")
        case .badLines:
            return row(
                "有 {} 行有误，没有保存任何内容。", "请改正后重试。",
                "{} lines are wrong and nothing was saved.", "Correct them and try again.")
        case .repeatedLine:
            return row(
                "与第 {} 行是同一记录。", "请合并为一行。", "It is the same record as line {}.",
                "Join the two lines.")
        case .badFile:
            return row(
                "无法读取文件：{}。", "请核对路径和编码（UTF-8）。",
                "The file cannot be read: {}.", "Check its path and that it is UTF-8.")
        case .missingColumns:
            return row(
                "缺少列：{}。", "请在表头补上这些列。", "These columns are missing: {}.",
                "Add them to the header line.")
        case .repeatedColumn:
            return row(
                "列 {} 出现了两次。", "请在表头中只保留一个。", "The column {} occurs twice.",
                "Keep one of them in the header line.")
        case .badRows:
            return row(
                "有 {} 行有误，未导入。", "其余已导入；改正后再次导入即可。",
                "{} rows are wrong and were not imported.",
                "The rest is imported; correct them and import the file again.")
        case .nothingImported:
            return row(
                "有 {} 行有误，未导入任何内容。", "请改正后重试。",
                "{} rows are wrong; nothing was imported.",
                "Correct them and try again.")
        case .manyMoves:
            return row(
                "名册会把许多农户迁往别的村，或户编号与登记时的村代码不符；没有导入任何内容。",
                "请核对上面的清单：农户编号不随村代码改变；确认无误后加 --allow-moves。",
                "The roster would move many households, or the village codes in its numbers are "
                    + "not those of the households; nothing was imported.",
                "Check the list above: a household keeps its number when a code changes. If it is "
                    + "right, add --allow-moves.")
        case .unacceptedPlan:
            return row(
                "区划代码或名称有变动，没有导入任何内容。", "请核对上面的方案；确认无误后加 --accept-plan。",
                "Codes or names of places have changed; nothing was imported.",
                "Check the plan above; if it is right, add --accept-plan.")
        case .undecidedPlan:
            return row(
                "有 {} 处无法确定是哪个地方，没有导入任何内容。",
                "请先用 lianhu-server areas renumber、merge 或 withdraw 逐一处理，再导入。",
                "{} places are ambiguous; nothing was imported.",
                "Settle each with \"lianhu-server areas renumber\", \"merge\" or \"withdraw\", then "
                    + "import again.")
        case .takenCode:
            return row(
                "代码 {} 不能使用：位数或前缀与上级不符，或已有别的区域。", "请用 lianhu-server areas list 核对。",
                "Cannot use the code {}: it doesn't fit its level or its parent, or another area has it.",
                "Check with \"lianhu-server areas list\".")
        case .occupiedArea:
            return row(
                "区域 {} 下还有未撤销的区域。", "请先合并或撤销它们，或把它并入别的区域（areas merge）。",
                "The area {} still has areas below it.",
                "Merge or withdraw those first, or merge it into another area (areas merge).")
        case .notWithdrawn:
            return row(
                "没有可恢复的区域 {}。",
                "请用 lianhu-server areas list --all 核对；合并用 areas merge … --undo 取消。",
                "There is no change of the area {} to undo.",
                "Check with \"lianhu-server areas list --all\"; a merge is taken back with "
                    + "\"areas merge … --undo\".")
        case .withdrawnVillage:
            return row(
                "村 {} 已撤销，不能再登记或迁入农户。", "请改用并入后的村。",
                "The village {} was withdrawn and takes no new households.",
                "Use the village that took it in.")
        case .badMapping:
            return row(
                "映射文件有误（{}）。", "请改正映射；没有导入任何内容。",
                "The mapping is wrong ({}).", "Correct it; nothing was imported.")
        case .noRowImported:
            return row(
                "有 {} 行被拒绝，没有一行可以导入。", "请看原因（--report 列出全部），改正文件或映射后重试。",
                "{} rows were rejected and none could be imported.",
                "See why (--report lists all of them), correct the file or the mapping, try again.")
        case .unknownColumn:
            return row(
                "表单没有字段 {}。", "请在 --include 中写字段名，或 personal、health。",
                "The form has no field {}.",
                "Give fields by name to --include, or the groups personal and health.")
        case .positionsNotAsked:
            return row(
                "GeoJSON 需要坐标，而坐标属于个人信息，默认不导出。",
                "确需导出请加 --include gps_lat,gps_lon。",
                "GeoJSON takes positions of homes, which are left out unless asked for by name.",
                "If you may hand them on, add --include gps_lat,gps_lon.")
        case .noHome:
            return row(
                "此设备尚未登记。", "请运行 lianhu init --server URL --code CODE。",
                "This device is not enrolled.", "Run \"lianhu init --server URL --code CODE\".")
        case .homeExists:
            return row(
                "此设备已登记。", "请用 --home 指定另一个目录。",
                "This device is enrolled already.", "Choose another folder with --home.")
        case .busyHome:
            return row(
                "另一个 lianhu 正在使用此目录。", "请等它结束后重试。",
                "Another lianhu is at work in this home.", "Try again when it has finished.")
        case .newerVersion:
            return row(
                "数据由更新版本的程序写入。", "请升级程序；数据未改动。",
                "The data was written by a newer version.",
                "Upgrade this program; nothing was changed.")
        case .otherProgram:
            return row(
                "此目录不属于本程序：设备和服务器各用各的目录。", "请核对 --home（设备）或 --data（服务器）。",
                "This folder is not this program's: a device and a server each have their own.",
                "Check --home for a device, --data for a server.")
        case .damaged:
            return row(
                "数据库损坏（{}）。",
                "请保留文件。设备：lianhu recover --help；服务器：lianhu-server check --repair 或 restore。",
                "The database is damaged ({}).",
                "Keep the file. Device: lianhu recover --help. Server: check --repair, or restore."
            )
        case .noDataFolder:
            return row(
                "数据目录不存在：{}。", "请先运行 lianhu-server areas import，或核对 --data。",
                "There is no data folder {}.",
                "Run \"lianhu-server areas import\" first, or check --data.")
        case .alreadyServing:
            return row(
                "此数据目录已有服务在运行。", "请先停止它，或用另一个 --data。",
                "A server runs on this data folder already.",
                "Stop it first, or use another --data.")
        case .storage:
            return row(
                "无法写入磁盘（{}）。", "请检查磁盘空间和权限；已保存的内容没有丢失。",
                "The disk could not be written ({}).",
                "Check its space and permissions; what was saved is kept.")
        case .cannotListen:
            return row(
                "无法监听该地址（{}）。", "请换一个端口，或停止占用它的程序。",
                "Cannot listen on the address ({}).",
                "Choose another port, or stop what uses it.")
        case .badCertificate:
            return row(
                "证书或私钥不可用（{}）。", "请提供互相匹配的 PEM 证书链和私钥。",
                "The certificate or its key cannot be used ({}).",
                "Give a chain and its private key, both PEM.")
        case .badFolder:
            return row(
                "无法使用目录 {}。", "请核对路径和权限。", "The folder {} cannot be used.",
                "Check its path and permissions.")
        case .fileExists:
            return row(
                "{} 已存在。", "请换一个文件名。", "{} is there already.", "Choose another name.")
        case .noLocks:
            return row(
                "目录 {} 所在的磁盘不支持文件锁：几个程序同时写会丢失内容。",
                "请用本机磁盘上的目录，不要用网络盘或共享文件夹。",
                "The disk of {} does not lock files: programs that write at once would lose what "
                    + "was saved.",
                "Use a folder on a disk of this machine, not a network share.")
        case .openFolder:
            return row(
                "别人也能打开 {}，而且无法改为只有自己可用。", "请换一个只属于自己的目录。",
                "Other people can open {}, and that cannot be changed.",
                "Use a folder of your own.")
        case .unsound:
            return row(
                "检查发现问题（{}）。",
                "汇总不符用 lianhu-server check --repair；记录本身损坏请 restore 最近的备份，设备会补齐。",
                "The check found what should not be ({}).",
                "Projections: \"lianhu-server check --repair\". The log itself: restore the last "
                    + "backup, and the devices bring the rest.")
        case .badName:
            return row(
                "名称无效（{}）。", "请填写不含控制字符的名称。", "A name is empty or odd ({}).",
                "Give one without control characters.")
        case .unexpected:
            return row(
                "程序遇到意外错误（{}）。", "已保存的内容没有丢失；请重试并告知管理员。",
                "Something unexpected went wrong ({}).",
                "What was saved is kept; try again and tell the administrator.")
        case .busyFolder:
            return row(
                "另一个程序正在使用数据目录。", "请等它结束（serve 需先停止），再试一次。",
                "Another program works in the data folder.",
                "Wait until it ends, stop serve, and try again.")
        case .interruptedRestore:
            return row(
                "上次的恢复没有完成。", "请再运行一次 restore（原数据仍保留在旁边）。",
                "A restore was interrupted.",
                "Run restore again; what was there before is kept beside it.")
        case .unrecoverable:
            return row(
                "旧目录的密钥或数据库结构已无法读取，不能取回其中的内容。",
                "只有同步过的更改在服务器上：用新的登记码登记后 lianhu sync；请保留旧文件。",
                "The damaged home's key or schema cannot be read: nothing can be taken from it.",
                "The server has only what was synchronized: enrol with a new code and sync. Keep the file."
            )
        case .badCode:
            return row(
                "登记码不完整或有误。", "请核对后重新输入。", "The code is incomplete or mistyped.",
                "Check it and type it again.")
        case .unknownCode:
            return row(
                "服务器不认识此登记码。", "请向管理员索取新的登记码。",
                "The server does not know this code.", "Ask the administrator for a new one.")
        case .expiredCode:
            return row(
                "登记码已过期（24 小时）。", "请向管理员索取新的登记码。",
                "The code has expired (24 hours).", "Ask the administrator for a new one.")
        case .usedCode:
            return row(
                "登记码已被使用。", "请向管理员索取新的登记码。", "The code was used already.",
                "Ask the administrator for a new one.")
        case .wrongServerKey:
            return row(
                "服务器的密钥与登记码不符。", "请核对登记码和服务器地址；若都无误，请联系管理员。",
                "The server's key is not the one that the code names.",
                "Check the code and the server's address; if both are right, ask the administrator."
            )
        case .unknownUser:
            return row(
                "没有这个用户。", "请用 lianhu-server user list 查看。", "There is no such user.",
                "See \"lianhu-server user list\".")
        case .userExists:
            return row(
                "已有同名用户。", "请换一个名字。", "A user of that name exists already.",
                "Choose another name.")
        case .unknownDevice:
            return row(
                "没有设备“{}”。", "请用 lianhu-server device list 查看。",
                "There is no device \"{}\".", "See \"lianhu-server device list\".")
        case .roundExists:
            return row(
                "轮次“{}”已存在。", "请换一个代码。", "The round \"{}\" exists already.",
                "Choose another code.")
        case .badRoundCode:
            return row(
                "轮次代码“{}”无效。", "请只用字母、数字、- 和 _，最多 32 个字符，例如 2026-autumn。",
                "\"{}\" cannot be a round's code.",
                "Use letters, digits, - and _, at most 32, for example 2026-autumn.")
        case .otherRound:
            return row(
                "轮次“{}”还在进行；再开始一轮，各设备就会转到新的轮次。",
                "请先 lianhu-server round close 结束它；确要同时进行，加 --anyway。",
                "The round \"{}\" is open; with another one open, every device turns to that.",
                "Close it first with \"lianhu-server round close\", or add --anyway.")
        case .revokedUser:
            return row(
                "用户已停用。", "请联系管理员。", "The user was revoked.",
                "Ask the administrator.")
        case .notPermitted:
            return row(
                "无权执行此操作：{}。", "请联系管理员。", "This is not permitted: {}.",
                "Ask the administrator.")
        case .unreachable:
            return row(
                "连不上服务器（{}）。", "所有内容都保存在本机；有网络时再试。",
                "The server cannot be reached ({}).",
                "Everything is kept; try again when there is a network.")
        case .untrustedServer:
            return row(
                "服务器证书不可信（{}）。", "请用 --tls-ca 指定证书，或联系管理员。",
                "The server's certificate is not trusted ({}).",
                "Name its authority with --tls-ca, or ask the administrator.")
        case .otherServer:
            return row(
                "此设备属于另一台服务器。", "请核对服务器地址；内容都保存在本机。",
                "This device belongs to another server.",
                "Check the server's address; everything is kept.")
        case .unknownReplica:
            return row(
                "服务器不认识此设备，可能是另一台服务器。", "请核对地址或联系管理员；内容都保存在本机。",
                "The server does not know this device; it may be another server.",
                "Check the address, or ask the administrator; everything is kept.")
        case .badSignature:
            return row(
                "签名无效。", "请重试；若仍如此，请联系管理员。", "The signature does not verify.",
                "Try again; if it persists, ask the administrator.")
        case .malformedRequest:
            return row(
                "请求不完整或已损坏（{}）。", "请重试；内容都保存在本机。",
                "The request was cut or damaged ({}).", "Try again; everything is kept.")
        case .oversizedRequest:
            return row(
                "请求超过大小限制。", "请升级程序后重试；内容都保存在本机。",
                "The request is over the limit.",
                "Upgrade this program and try again; everything is kept.")
        case .unsupportedProtocol:
            return row(
                "协议版本 {} 不受支持。", "请升级程序；内容都保存在本机。",
                "Protocol version {} is not supported.", "Upgrade this program; everything is kept."
            )
        case .badResponse:
            return row(
                "服务器的回复不完整或已损坏（{}）。", "没有采用；请重试。",
                "The server's answer was cut or damaged ({}).",
                "Nothing of it was taken; try again.")
        case .serverFailed:
            return row(
                "服务器出错（{}）。", "内容都保存在本机；请稍后重试。", "The server failed ({}).",
                "Everything is kept; try again later.")
        case .refusedSegment:
            return row(
                "服务器拒收了 {} 组更改。", "内容仍在本机；请联系管理员。",
                "The server refused {} groups of changes.",
                "They are kept on this device; ask the administrator.")
        case .restoredHome:
            return row(
                "此目录与服务器的记录不符，可能由旧备份恢复或被复制。",
                "请运行 lianhu sync：将取回缺少的更改并开始新的日志；不会丢失。",
                "This home does not fit what the server holds; it was restored or copied.",
                "Run \"lianhu sync\": what is missing comes back and a new log is started; nothing is lost."
            )
        case .busyServer:
            return row(
                "服务器正忙。", "内容都保存在本机；请稍后再试。", "The server is busy.",
                "Everything is kept; try again in a minute.")
        case .plainHTTP:
            return row(
                "不加密的 HTTP 只允许用于本机。", "请用 https，或明确加上 --allow-plain-http。",
                "Plain HTTP is for this machine only.",
                "Use https, or say --allow-plain-http on purpose.")
        }
    }
}
