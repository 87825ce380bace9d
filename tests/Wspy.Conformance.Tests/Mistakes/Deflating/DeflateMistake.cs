namespace Wspy.Conformance.Tests.Mistakes.Deflating;

/// <summary>What <see cref="DeflatingServer"/> does wrong; each is something that servers have been seen to do.</summary>
public enum DeflateMistake
{
    None,

    // What it agrees to.
    AgreesWithoutAnOffer,
    AgreesToUnknownExtensions,
    ComparesNamesByTheirBeginning,
    AgreesToUnknownParameters,
    AgreesToRepeatedParameters,
    AgreesToWindowsOutOfRange,
    ReadsWindowsAsPlainNumbers,
    AgreesToValuesWhereThereAreNone,
    AgreesToAllOffersAtOnce,
    IgnoresMalformedHeaders,
    RefusesInvalidOffers,
    StopsAtTheFirstInvalidOffer,
    ReadsTheFirstLineAlone,

    // What it answers.
    RepeatsParametersInTheAnswer,
    AnswersAWindowOutOfRange,
    AnswersALargerWindowThanOffered,
    AnswersAClientWindowThatWasNotOffered,
    AnswersAClientWindowWithoutAValue,
    ForgetsServerNoContextTakeover,
    ForgetsTheServerWindow,

    // What it sends.
    KeepsItsContextAgainstTheAgreement,
    UsesALargerWindowThanAgreed,
    ForgetsToStripTheTail,
    StripsTheTailWithoutAFlush,
    EndsInAFinalBlockWithoutPadding,
    WritesZlibHeaders,
    SetsRsv1OnEveryFragment,
    ForgetsRsv1,
    SetsRsv1OnPlainMessages,
    CompressesPongs,
    CompressesEachFragmentByItself,

    // What it receives.
    DeliversCompressedBytes,
    InflatesPlainMessages,
    CountsPlainMessagesIntoTheWindow,
    ForgetsTheContextOfTheClient,
    KeepsTheContextAgainstTheAgreement,
    InflatesWithASmallerWindow,
    InflatesWithALargerWindow,
    InflatesEachFragmentByItself,
    LosesWhatFollowsAFinalBlock,
    AcceptsRsv1OnContinuations,
    AcceptsRsv1OnControlFrames,
    AcceptsOtherReservedBits,
    JudgesRsv1AtTheEndOfTheFrame,
    EchoesCorruptData,
    ClosesNormallyOnCorruptData,
    ResetsOnCorruptData,
    TakesAPartForTheWhole,
    DoesNotJudgeInflatedText,
    JudgesCompressedBytesAsText,
    Sends1002ForIllFormedText,

    // Messages that grow.
    CutsMessagesAtTheLimit,
    DiesOfLargeMessages,
    HangsForOthersWhileItInflates,
    EndsTcpWithoutCloseAtTheLimit,
}
