using Wspy.Conformance.Deflate;
using Wspy.Conformance.Steps;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Catalogue;

/// <summary>Section 12: the negotiation of extensions, and permessage-deflate.</summary>
internal sealed partial class ExtensionSection() : CatalogueSection(12, "Extensions")
{
    /// <summary>Every offer that is not about its parameters; it lets a client be told a window, too.</summary>
    private const string Plain = "permessage-deflate";

    private const string NoTakeover = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    protected override void Define()
    {
        Offers();
        BadOffers();
        Lists();
        Grammar();
        Data();
        Blocks();
        Fragmented();
        Windows();
        WrongFrames();
        Corrupt();
        Bombs();
        Answers();
        WrongAnswers();
    }

    /// <summary>A case on a connection that compresses.</summary>
    private CaseBuilder Deflated(string title, string offer = Plain, string? purpose = null, string? rfc = null) =>
        Case(title, purpose, rfc).Opening(new Opening { Extension = offer }).Then(new AgreeStep());

    /// <summary>A case about the offer to a server.</summary>
    private CaseBuilder Offer(string title, OfferOutcome outcome, params string[] lines) =>
        Case(title).For(PeerRole.Server).Opening(Opening.ByHand).Then(new OfferStep(lines, outcome));

    private static SendDeflatedStep Deflate(Opcode kind, Payload message, DeflatePlan? plan = null) => new(kind, message, plan ?? DeflatePlan.Default);

    private static SendDeflatedStep DeflateText(Payload message, DeflatePlan? plan = null) => Deflate(Opcode.Text, message, plan);

    /// <summary>A text message whose compressed payload is written by hand.</summary>
    private static WireFrame Compressed(params byte[] payload) => Text(payload).Rsv(4);
}
