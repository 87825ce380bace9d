namespace Wspy.Conformance.Tests.Mistakes;

/// <summary>What <see cref="MistakenServer"/> and <see cref="MistakenClient"/> do wrong; each is something that servers or clients have been seen to do.</summary>
public enum Mistake
{
    None,

    // Reserved bits and opcodes.
    AcceptsRsv1OnData,
    AcceptsRsv2OnData,
    AcceptsRsv3OnData,
    AcceptsReservedBitsOnControlFrames,
    AcceptsReservedBitsOnContinuations,
    AcceptsReservedBitsOnLaterMessages,
    SetsRsv1OnItsMessages,
    AcceptsReservedDataOpcodes,
    AcceptsReservedControlOpcodes,
    IgnoresReservedOpcodesBetweenFragments,

    // Masking: of frames that a client must mask, and a server must not.
    AcceptsWrongMasking,
    AcceptsWrongMaskingOfControlFrames,

    // Lengths.
    AcceptsNonMinimal16BitLengths,
    AcceptsNonMinimal64BitLengths,
    Writes125In16Bits,
    Writes126In7Bits,
    Writes65535In64Bits,
    Writes65536In16Bits,
    Reads16BitLengthsLittleEndian,
    AcceptsLengthsWithTheHighestBit,
    ReadsHeadersWithOneRead,
    LosesWhatFollowsInTheSameRead,

    // Pings and pongs.
    DoesNotAnswerPings,
    AnswersPingsAfterTheMessage,
    DoesNotAnswerPingsBetweenFragments,
    AnswersPingsWithAnEmptyPayload,
    TruncatesPongsAt124,
    AnswersPongs,
    ClosesOnUnsolicitedPongs,
    JudgesPingsAsText,
    AcceptsFragmentedControlFrames,
    AcceptsLongControlFrames,
    AnswersOnlyOnePingInARow,
    AnswersPingsInTheWrongOrder,
    AnswersOnlyTheLastOfManyPings,

    // Fragments.
    MixesPingsIntoTheMessage,
    LosesEmptyFragments,
    LosesEmptyMessages,
    AcceptsContinuationsOfNothing,
    AcceptsMessagesInsideMessages,
    EchoesOnlyTheLastFragment,
    EchoesTheFirstFragmentAtOnce,
    EchoesFragmentsAsNewMessages,
    EchoesTextAsBinary,
    KeepsTheMessageAfterItsEnd,
    CutsMessagesAt8MiB,
    IgnoresCloseBetweenFragments,

    // UTF-8.
    DoesNotJudgeText,
    JudgesTextAtTheEndOfTheFrame,
    JudgesTextAtTheEndOfTheMessage,
    JudgesEachFragmentByItself,
    JudgesBinaryAsText,
    AcceptsTruncatedText,
    AcceptsSurrogates,
    AcceptsOverlongForms,
    AcceptsMoreThan10FFFF,
    RefusesTheFourByteForms,
    RefusesNonCharacters,
    RepairsIllFormedText,
    CarriesACodePointIntoTheNextMessage,

    // Codes with which a connection is failed.
    Sends1002ForIllFormedText,
    Sends1000ForErrors,
    SendsNoCodeForErrors,
    SendsNoCloseForErrors,
    DoesNotCloseTcpAfterAnError,

    // The closing handshake.
    AnswersCloseWith1000,
    AnswersCloseWithoutACode,
    Writes1005IntoTheFrame,
    AnswersCloseWithTheReasonCut,
    AcceptsCode1004,
    AcceptsCode1005,
    AcceptsCode1006,
    AcceptsCode1015,
    AcceptsCodesBelow1000,
    AcceptsCodes1016To2999,
    AcceptsCodesFrom5000,
    Refuses1012To1014,
    Refuses3000And4999,
    AcceptsOneByteCloseBodies,
    AcceptsIllFormedReasons,
    DoesNotAnswerClose,
    EndsTcpInsteadOfAnsweringClose,
    DoesNotCloseTcp,
    ClosesTcpLate,
    AnswersDataAfterClose,
    AnswersPingsAfterClose,
    AnswersASecondClose,
    SendsDataAfterItsClose,
    NeedsCloseBeforeTheEndOfTcp,

    // The opening handshake.
    ComparesUpgradeByCase,
    ComparesConnectionAsAWhole,
    DropsBytesBehindTheHead,
    ReadsTheHeadWithOneRead,
    ReadsHeadsWithoutALimit,

    // Resources.
    HasNoMessageLimit,
    EndsTcpWithoutCloseAtTheLimit,
    DiesOnHugeLengths,
    DiesOnFloodsOfEmptyFragments,
    DiesOnResets,

    // Only of servers: masking.
    ForgetsToUnmaskTheLastByte = 1000,
    UnmasksAnewAfterEachRead,
    KeepsTheKeyOfTheFirstFrame,
    SkipsTheKeyWhenItIsZero,
    MasksItsFrames,

    // Only of servers: the opening handshake.
    AcceptsVersion8,
    AcceptsAnyMethod,
    AcceptsHttp10,
    AcceptsAMissingKey,
    AcceptsAShortKey,
    AcceptsAMissingUpgrade,
    AcceptsAMissingConnection,
    AcceptsAMissingVersion,
    AcceptsAMissingHost,
    AcceptsTwoKeys,
    ComputesTheAcceptValueOfLowerCaseKeys,
    AnswersRequestsAfterARefusal,
    AnswersWithAnExtensionThatWasNotOffered,
    AnswersWithASubprotocolThatWasNotOffered,
    DoesNotTellTheVersion,

    // Only of servers: others.
    ServesOneAtATime,
    HangsForOthersDuringASlowHead,
    HangsForOthersDuringASlowFrame,

    // Only of clients: masking.
    DoesNotMask = 2000,
    DoesNotMaskControlFrames,
    DoesNotMaskEmptyFrames,
    ForgetsToMaskTheLastByte,
    BeginsTheKeyAnewInEachPiece,
    MasksWithZero,
    MasksAllFramesWithOneKey,
    CountsItsKeys,
    MasksEachConnectionWithTheSameKeys,

    // Only of clients: the request.
    SendsHttp10,
    SendsPost,
    SendsTheFragmentOfItsUrl,
    SendsNoHost,
    SendsHostTwice,
    SendsNoPort,
    SendsNoUpgrade,
    SendsNoConnection,
    SendsNoVersion,
    SendsVersion8,
    SendsNoKey,
    SendsAShortKey,
    SendsAKeyOfOtherLetters,
    SendsTheSameKeyEachTime,
    SendsAKeyOfZeros,
    SendsBareLineFeeds,
    SendsWhitespaceBeforeColons,
    AnnouncesABody,
    SendsASubprotocolTwice,
    SendsAnExtensionThatIsNoToken,
    SendsAnAcceptValue,
    SendsAFrameBeforeTheReply,

    // Only of clients: the reply.
    AcceptsAnyStatus,
    AcceptsHttp10Replies,
    RefusesInterimReplies,
    AcceptsRepliesWithoutUpgrade,
    AcceptsAnyUpgrade,
    AcceptsRepliesWithoutConnection,
    AcceptsAnyConnection,
    AcceptsRepliesWithoutAcceptValue,
    AcceptsAnyAcceptValue,
    ComparesTheAcceptValueWithoutCase,
    ComparesTheBeginningOfTheAcceptValue,
    LooksAtTheFirstAcceptValueOnly,
    AcceptsUnofferedExtensions,
    AcceptsUnofferedSubprotocols,
    KeepsTcpOpenAfterARefusal,
    SendsCloseAfterARefusal,

    // Only of clients: the end.
    EndsTcpBeforeTheServer,
}

/// <summary>Of whom a mistake is.</summary>
internal static class MistakeRoles
{
    public static PeerRole Roles(this Mistake mistake) => mistake switch
    {
        Mistake.None => PeerRole.None,
        >= Mistake.DoesNotMask => PeerRole.Client,
        >= Mistake.ForgetsToUnmaskTheLastByte => PeerRole.Server,
        _ => PeerRole.Both,
    };

    /// <summary>All mistakes that a peer of a role can make.</summary>
    public static IEnumerable<Mistake> Of(PeerRole role) => Enum.GetValues<Mistake>().Where(mistake => mistake.Roles().HasFlag(role));
}
