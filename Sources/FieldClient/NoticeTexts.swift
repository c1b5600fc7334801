import SurveyModel
import SurveyWire

extension Notice {
    /// What a surveyor is told.
    var text: Label {
        switch code {
        case .held:
            Label(
                zh: "\(count) 条更改待审（不在负责区域内等）；已保存，不计入统计。",
                en: "Held for review, for example outside your areas: "
                    + "\(counted(count, "edit")). They're kept and not counted.")
        case .accepted:
            Label(
                zh: "\(count) 条待审更改已采纳，现已计入统计。",
                en: "Accepted by a review and counted now: \(counted(count, "edit")).")
        case .rejected:
            Label(
                zh: "\(count) 条更改未被采纳；仍然保存，不计入统计。查看某户的：lianhu history 户编号",
                en:
                    "Not accepted by a review: \(counted(count, "edit")). They're kept and not counted. "
                    + "See those of a household: lianhu history HOUSEHOLD.")
        case .revoked:
            Label(
                zh: "用户或设备已停用；更改仍会被保存并待审。请联系管理员。",
                en: "This user or device was revoked; edits are still kept and held. "
                    + "Ask the administrator.")
        case .forked:
            Label(
                zh: "此设备的记录出现分支（可能被复制或恢复）；没有丢失。请联系管理员。",
                en: "This device's log has two branches: it was copied or restored. "
                    + "Nothing is lost. Ask the administrator.")
        case .forkedLogs:
            Label(
                zh: "您的区域内有 \(count) 台设备的日志出现分支（设备被复制或恢复过）；没有丢失，请核实设备。",
                en: "In your areas \(counted(count, "device log")) with two branches: a device was "
                    + "copied or restored. Nothing is lost; find out whose it is.")
        case .rewound:
            Label(
                zh: "服务器曾由备份恢复；本机已把它缺少的内容补送。没有丢失。",
                en: "The server came back from a backup; this device sent again what it lacked. "
                    + "Nothing is lost.")
        case .areasChanged: Label(zh: "负责区域有变化。", en: "Your areas have changed.")
        case .evicted:
            Label(
                zh: "有 \(count) 个村已不归您负责，他人的记录已从本机移除；您自己的更改都已送达并保留。",
                en: "No longer yours: \(counted(count, "village")). Others' records of them left "
                    + "this device; your own edits were sent and stay.")
        case .newLog:
            Label(
                zh: "此设备由备份恢复或被复制：缺少的更改已取回，已开始新的日志；没有丢失。",
                en: "This home was restored or copied: its missing edits are back and a new log "
                    + "was started. Nothing is lost.")
        case .suspectClock:
            Label(
                zh: "本机时钟与服务器相差 \(count) 天，请校正。已保存的答案不受影响，但显示的时间可能不对。",
                en:
                    "This device's clock and the server's are \(counted(count, "day")) apart: set it right. "
                    + "Saved answers are not affected, but the times shown may be wrong.")
        }
    }
}
