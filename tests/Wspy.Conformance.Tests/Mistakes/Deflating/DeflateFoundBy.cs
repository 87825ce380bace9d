namespace Wspy.Conformance.Tests.Mistakes.Deflating;

/// <summary>The groups, or single cases, of section 12 that find a mistake: as few as needed, so that all mistakes are tried in seconds.</summary>
internal static class DeflateFoundBy
{
    public static IReadOnlyList<(DeflateMistake Mistake, string[] Groups, Verdict Verdict)> All { get; } =
    [
        Failed(DeflateMistake.AgreesWithoutAnOffer, "12.1"),
        Failed(DeflateMistake.AgreesToUnknownExtensions, "12.2"),
        Failed(DeflateMistake.ComparesNamesByTheirBeginning, "12.2"),
        Failed(DeflateMistake.AgreesToUnknownParameters, "12.4", "12.6"),
        Failed(DeflateMistake.AgreesToRepeatedParameters, "12.5"),
        Failed(DeflateMistake.AgreesToWindowsOutOfRange, "12.4"),
        Failed(DeflateMistake.ReadsWindowsAsPlainNumbers, "12.4"),
        Failed(DeflateMistake.AgreesToValuesWhereThereAreNone, "12.4"),
        Failed(DeflateMistake.AgreesToAllOffersAtOnce, "12.8"),
        Failed(DeflateMistake.IgnoresMalformedHeaders, "12.10"),
        NonStrict(DeflateMistake.RefusesInvalidOffers, "12.4", "12.5"),
        NonStrict(DeflateMistake.StopsAtTheFirstInvalidOffer, "12.7"),
        NonStrict(DeflateMistake.ReadsTheFirstLineAlone, "12.7"),

        Failed(DeflateMistake.RepeatsParametersInTheAnswer, "12.3"),
        Failed(DeflateMistake.AnswersAWindowOutOfRange, "12.3"),
        Failed(DeflateMistake.AnswersALargerWindowThanOffered, "12.3"),
        Failed(DeflateMistake.AnswersAClientWindowThatWasNotOffered, "12.3"),
        Failed(DeflateMistake.AnswersAClientWindowWithoutAValue, "12.3"),
        Failed(DeflateMistake.ForgetsServerNoContextTakeover, "12.3"),
        Failed(DeflateMistake.ForgetsTheServerWindow, "12.3"),

        Failed(DeflateMistake.KeepsItsContextAgainstTheAgreement, "12.32"),
        Failed(DeflateMistake.UsesALargerWindowThanAgreed, "12.30"),
        Failed(DeflateMistake.ForgetsToStripTheTail, "12.24"),
        Failed(DeflateMistake.StripsTheTailWithoutAFlush, "12.24"),
        Failed(DeflateMistake.EndsInAFinalBlockWithoutPadding, "12.24"),
        Failed(DeflateMistake.WritesZlibHeaders, "12.24"),
        Failed(DeflateMistake.SetsRsv1OnEveryFragment, "12.24"),
        Failed(DeflateMistake.ForgetsRsv1, "12.24"),
        Failed(DeflateMistake.SetsRsv1OnPlainMessages, "12.24"),
        Failed(DeflateMistake.CompressesPongs, "12.28"),
        Failed(DeflateMistake.CompressesEachFragmentByItself, "12.24"),

        Failed(DeflateMistake.DeliversCompressedBytes, "12.24"),
        Failed(DeflateMistake.InflatesPlainMessages, "12.28"),
        Failed(DeflateMistake.CountsPlainMessagesIntoTheWindow, "12.28"),
        Failed(DeflateMistake.ForgetsTheContextOfTheClient, "12.24"),
        Told(DeflateMistake.KeepsTheContextAgainstTheAgreement, "12.32.9"),
        Failed(DeflateMistake.InflatesWithASmallerWindow, "12.29"),
        Told(DeflateMistake.InflatesWithALargerWindow, "12.31"),
        Failed(DeflateMistake.InflatesEachFragmentByItself, "12.27.1"),
        Failed(DeflateMistake.LosesWhatFollowsAFinalBlock, "12.26"),
        Failed(DeflateMistake.AcceptsRsv1OnContinuations, "12.33"),
        Failed(DeflateMistake.AcceptsRsv1OnControlFrames, "12.33"),
        Failed(DeflateMistake.AcceptsOtherReservedBits, "12.33"),
        NonStrict(DeflateMistake.JudgesRsv1AtTheEndOfTheFrame, "12.33"),
        Failed(DeflateMistake.EchoesCorruptData, "12.34.1", "12.34.2", "12.34.3"),
        Failed(DeflateMistake.ClosesNormallyOnCorruptData, "12.34.1"),
        NonStrict(DeflateMistake.ResetsOnCorruptData, "12.34.1", "12.34.2", "12.34.3"),
        NonStrict(DeflateMistake.TakesAPartForTheWhole, "12.35"),
        Failed(DeflateMistake.DoesNotJudgeInflatedText, "12.37"),
        Failed(DeflateMistake.JudgesCompressedBytesAsText, "12.24"),
        NonStrict(DeflateMistake.Sends1002ForIllFormedText, "12.37"),

        Failed(DeflateMistake.CutsMessagesAtTheLimit, "12.38.3"),
        Failed(DeflateMistake.DiesOfLargeMessages, "12.38.3"),
        Failed(DeflateMistake.HangsForOthersWhileItInflates, "12.38.8"),
        NonStrict(DeflateMistake.EndsTcpWithoutCloseAtTheLimit, "12.38.3"),
    ];

    private static (DeflateMistake, string[], Verdict) Failed(DeflateMistake mistake, params string[] groups) => (mistake, groups, Verdict.Failed);

    /// <summary>What the RFC allows, and does not recommend.</summary>
    private static (DeflateMistake, string[], Verdict) NonStrict(DeflateMistake mistake, params string[] groups) => (mistake, groups, Verdict.NonStrict);

    /// <summary>What the RFC leaves open, and a report tells.</summary>
    private static (DeflateMistake, string[], Verdict) Told(DeflateMistake mistake, params string[] groups) => (mistake, groups, Verdict.Informational);
}
