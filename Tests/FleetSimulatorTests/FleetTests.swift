import FleetSimulator
import Foundation
import Testing

/// Random days of a fleet. `tools/simulate` plays as many as one likes.
@Suite(.serialized) struct FleetTests {
    private let simulation = Simulation(folder: FileManager.default.temporaryDirectory)

    @Test(arguments: UInt64(1)...12) func `a day that was played before keeps every promise`(
        seed: UInt64
    ) {
        let outcome = simulation.run(seed: seed)
        #expect(outcome.violation == nil, "tools/simulate --seeds 1 --seed \(seed)")
    }

    @Test func `a few days that nobody has played keep every promise`() {
        for _ in 0..<6 {
            let seed = UInt64.random(in: 0..<1_000_000_000)
            print("fleet simulator: seed \(seed)")
            let outcome = simulation.run(seed: seed)
            #expect(outcome.violation == nil, "tools/simulate --seeds 1 --seed \(seed)")
        }
    }

    @Test func `the same seed plays the same day`() {
        let (one, other) = (simulation.run(seed: 3), simulation.run(seed: 3))
        #expect(one.edits == other.edits && one.healingTrips == other.healingTrips)
        #expect(one.edits > 0 && one.actions == other.actions)
    }

    /// Histories that broke a promise once, as the simulator shortened them.
    @Test(arguments: History.all) func `a history that broke a promise once`(history: History) {
        let outcome = simulation.replay(seed: history.seed, history.actions)
        #expect(outcome.violation == nil, "\(history.name)")
    }
}

/// A short history with what it once showed.
struct History: Sendable, CustomTestStringConvertible {
    let name: String
    let seed: UInt64
    let actions: [Action]

    var testDescription: String { name }

    private init(_ name: String, _ seed: UInt64, _ actions: KeyValuePairs<Action.Kind, UInt64>) {
        self.name = name
        self.seed = seed
        self.actions = actions.map { Action(kind: $0.key, seed: $0.value) }
    }

    static let all = [
        History(
            "who reads a village learns that a member of a household that came left again", 24,
            [.moveHousehold: 11_935_358_538_111_072_048, .movePerson: 15_375_940_211_626_958_867]),
        History(
            "an old copy of a village does not count a former member of a household that moved", 32,
            [
                .movePerson: 5_822_959_453_540_516_511, .unassign: 15_060_688_257_749_113_825,
                .assign: 13_551_163_661_652_717_963, .importRoster: 3_960_545_170_848_590_331,
            ]),
        History(
            "a held check counts where it was written, whoever knows its subject", 288,
            [
                .moveHousehold: 10_336_176_926_328_522_957,
                .backUpServer: 2_651_090_706_780_937_558, .assign: 17_705_009_210_259_329_450,
                .answer: 10_578_291_994_103_139_029, .unassign: 11_114_933_467_193_942_912,
            ]),
        History(
            "a move that comes back by an excerpt takes late checks along", 117,
            [
                .backUpServer: 2_820_208_876_218_971_162, .ask: 10_856_689_600_033_118_315,
                .importRoster: 11_890_130_296_788_250_203, .answer: 6_505_194_702_145_560_443,
                .serve: 1_116_499_721_155_338_559, .receive: 15_904_064_640_142_747_798,
                .restoreServer: 9_435_429_017_523_843_574,
            ]),
        History(
            "a check that was accepted in a strange village is not an unregistered subject's",
            13_159,
            [
                .moveHousehold: 15_777_038_303_995_359_536, .unassign: 15_075_268_871_217_219_963,
                .answerOtherVersion: 5_020_603_505_832_255_761, .ask: 3_362_715_823_809_594_825,
                .serve: 18_259_917_171_611_605_204, .review: 1_155_460_932_743_205_585,
            ]),
        History(
            "clones that all wrote are quiet soon", 1_484,
            [
                .cloneDevice: 1_399_867_928_611_233_594, .cloneDevice: 16_437_529_117_732_110_985,
                .answer: 8_527_756_729_638_653_568, .movePerson: 14_738_922_061_134_964_654,
                .answer: 2_946_240_061_876_742_104, .cloneDevice: 7_266_978_821_715_524_289,
                .answer: 2_335_253_912_059_074_334,
            ]),
        History(
            "who thinks that a household came hears what else is said of where it is", 3_002_521,
            [
                .joinHouseholds: 9_908_945_250_602_721_343,
                .moveHousehold: 16_268_149_686_894_560_192,
                .moveHousehold: 17_022_602_404_909_456_636, .ask: 10_410_061_553_748_673_858,
                .serveTogether: 11_394_125_115_727_217_334,
                .unassign: 11_275_992_865_388_587_039, .ask: 12_905_371_114_158_641_840,
                .serveTogether: 7_963_500_503_478_428_459, .assign: 762_250_404_439_166_830,
            ]),
        History(
            "a finding that a review accepts is read where its household is", 1_000_347,
            [
                .moveHousehold: 12_959_421_849_061_393_134,
                .findProblem: 10_198_994_132_926_772_290,
                .crashAsking: 15_895_316_244_966_659_331,
                .serveTogether: 6_335_997_779_803_587_749,
                .review: 1_749_423_699_374_697_816,
            ]),
        History(
            "a hold is lifted when a household moves whose member its subject once was", 151,
            [
                .attack: 1_746_545_543_503_577_368, .assign: 13_825_866_735_182_832_086,
                .attack: 16_996_518_837_641_111_577, .attack: 2_883_256_545_310_857_842,
            ]),
        History(
            "what a rejected finding said of somebody is a reason to tell nobody", 151,
            [
                .enrolDevice: 9_450_099_250_847_717_484, .ask: 8_673_358_319_482_300_464,
                .attack: 10_760_375_763_130_883_071, .assign: 13_825_866_735_182_832_086,
                .attack: 16_996_518_837_641_111_577, .review: 10_561_918_836_528_143_557,
            ]),
        History(
            "members are compared again when one leaves for a household that is not here",
            100_001_460,
            [
                .ask: 7_294_800_625_945_770_762, .answer: 16_840_490_813_102_303_242,
                .findProblem: 9_373_459_578_765_543_396,
                .enrolDevice: 10_071_535_167_085_516_361,
                .loseRequest: 391_642_433_328_416_243, .ask: 15_317_260_241_319_500_363,
                .answer: 17_810_166_105_296_515_836, .attack: 14_966_719_693_049_732_991,
                .serve: 12_750_800_079_185_088_328, .movePerson: 13_913_228_424_165_112_697,
                .joinHouseholds: 16_589_291_893_245_709_278,
                .ask: 13_592_316_544_216_632_716, .serve: 9_693_668_957_203_857_525,
                .attack: 10_576_167_991_552_290_474, .review: 13_267_090_023_222_837_073,
            ]),
        History(
            "who heard of a finding hears when it is accepted to be about somebody else",
            100_001_616,
            [
                .ask: 7_503_209_265_557_689_224, .attack: 16_838_614_514_835_967_566,
                .attack: 7_825_066_910_413_927_393, .review: 6_267_868_320_492_891_031,
            ]),
        History(
            "nobody makes a household of a person by accepting what was held", 80_000_072,
            [
                .attack: 7_849_376_631_133_508_716, .attack: 7_681_451_907_799_277_050,
                .attack: 8_324_738_682_602_263_900, .attack: 13_511_966_809_330_600_978,
                .crashAdministering: 8_075_908_701_830_661_542,
            ]),
        History(
            "who answered where a household was counts though its move is rejected after a restore",
            31_000_354,
            [
                .cloneDevice: 11_098_838_214_584_709_528,
                .moveHousehold: 10_590_862_004_618_190_748,
                .crashAsking: 2_551_925_868_121_488_595, .cloneDevice: 6_656_418_898_076_845_775,
                .serve: 2_340_171_913_642_415_508, .assign: 18_330_711_186_054_166_879,
                .backUpServer: 2_308_576_577_957_259_396, .answer: 2_649_378_321_137_276_234,
                .ask: 9_680_618_017_889_082_736, .serve: 12_210_183_052_052_253_536,
                .restoreServer: 7_021_617_038_582_911_804, .review: 6_432_563_570_407_746_320,
            ]),
    ]
}
