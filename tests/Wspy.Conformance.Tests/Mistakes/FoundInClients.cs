using static Wspy.Conformance.Tests.Mistakes.Finding;

namespace Wspy.Conformance.Tests.Mistakes;

/// <summary>
/// The groups, or single cases, that find a mistake of a client. What both roles can get wrong is found by the same cases in both,
/// and judged alike, but for what stands here.
/// </summary>
internal static class FoundInClients
{
    private static readonly Finding[] Own =
    [
        Failed(Mistake.AcceptsWrongMasking, "8.2"),
        Failed(Mistake.AcceptsWrongMaskingOfControlFrames, "8.2"),

        // The suite ends TCP first; a client that does not do the same holds up nobody but itself.
        NonStrict(Mistake.DoesNotCloseTcpAfterAnError, "4.1.1"),
        NonStrict(Mistake.DoesNotCloseTcp, "7.1.1"),

        Failed(Mistake.ComparesUpgradeByCase, "10.22"),
        Failed(Mistake.ComparesConnectionAsAWhole, "10.22"),
        Failed(Mistake.DropsBytesBehindTheHead, "10.24"),
        Failed(Mistake.ReadsTheHeadWithOneRead, "10.23"),
        NonStrict(Mistake.ReadsHeadsWithoutALimit, "10.30.8"),

        // What a dead client does not come for has failed.
        Failed(Mistake.DiesOnFloodsOfEmptyFragments, "11.2.1", "11.2.2", "11.2.3", "11.2.7", "11.2.9", "1.1"),
        Failed(Mistake.DiesOnResets, "7.7.8", "10.22"),

        Failed(Mistake.DoesNotMask, "1.1.2"),
        Failed(Mistake.DoesNotMaskControlFrames, "2.1.1"),
        Failed(Mistake.DoesNotMaskEmptyFrames, "1.1.1"),
        Failed(Mistake.ForgetsToMaskTheLastByte, "1.1.2"),
        Failed(Mistake.BeginsTheKeyAnewInEachPiece, "1.2"),
        Failed(Mistake.MasksWithZero, "8.5"),
        Failed(Mistake.MasksAllFramesWithOneKey, "8.5"),
        Failed(Mistake.CountsItsKeys, "8.5"),
        Failed(Mistake.MasksEachConnectionWithTheSameKeys, "8.5"),

        Failed(Mistake.SendsHttp10, "10.21"),
        Failed(Mistake.SendsPost, "10.21"),
        Failed(Mistake.SendsTheFragmentOfItsUrl, "10.21"),
        Failed(Mistake.SendsNoHost, "10.21"),
        Failed(Mistake.SendsHostTwice, "10.21"),
        Failed(Mistake.SendsNoPort, "10.21"),
        Failed(Mistake.SendsNoUpgrade, "10.21"),
        Failed(Mistake.SendsNoConnection, "10.21"),
        Failed(Mistake.SendsNoVersion, "10.21"),
        Failed(Mistake.SendsVersion8, "10.21"),
        Failed(Mistake.SendsNoKey, "10.21"),
        Failed(Mistake.SendsAShortKey, "10.21"),
        Failed(Mistake.SendsAKeyOfOtherLetters, "10.21"),
        Failed(Mistake.SendsTheSameKeyEachTime, "10.21"),
        Failed(Mistake.SendsAKeyOfZeros, "10.21.9"),
        Failed(Mistake.SendsBareLineFeeds, "10.21"),
        Failed(Mistake.SendsWhitespaceBeforeColons, "10.21"),
        Failed(Mistake.AnnouncesABody, "10.21"),
        Failed(Mistake.SendsASubprotocolTwice, "10.21"),
        Failed(Mistake.SendsAnExtensionThatIsNoToken, "10.21"),
        Failed(Mistake.SendsAnAcceptValue, "10.21"),
        Failed(Mistake.SendsAFrameBeforeTheReply, "10.21"),

        Failed(Mistake.AcceptsAnyStatus, "10.27.1"),
        NonStrict(Mistake.AcceptsHttp10Replies, "10.27.28"),
        NonStrict(Mistake.RefusesInterimReplies, "10.23"),
        Failed(Mistake.AcceptsRepliesWithoutUpgrade, "10.25"),
        Failed(Mistake.AcceptsAnyUpgrade, "10.25"),
        Failed(Mistake.AcceptsRepliesWithoutConnection, "10.25"),
        Failed(Mistake.AcceptsAnyConnection, "10.25"),
        Failed(Mistake.AcceptsRepliesWithoutAcceptValue, "10.26"),
        Failed(Mistake.AcceptsAnyAcceptValue, "10.26"),
        Failed(Mistake.ComparesTheAcceptValueWithoutCase, "10.26"),
        Failed(Mistake.ComparesTheBeginningOfTheAcceptValue, "10.26"),
        Failed(Mistake.LooksAtTheFirstAcceptValueOnly, "10.26"),
        Failed(Mistake.AcceptsUnofferedExtensions, "10.28"),
        Failed(Mistake.AcceptsUnofferedSubprotocols, "10.28"),
        Failed(Mistake.KeepsTcpOpenAfterARefusal, "10.25.1"),
        NonStrict(Mistake.SendsCloseAfterARefusal, "10.25"),

        NonStrict(Mistake.EndsTcpBeforeTheServer, "7.7"),
    ];

    public static IReadOnlyList<Finding> All { get; } =
        [.. FoundBy.All.Where(row => row.Mistake.Roles() == PeerRole.Both && !Array.Exists(Own, own => own.Mistake == row.Mistake)), .. Own];
}
