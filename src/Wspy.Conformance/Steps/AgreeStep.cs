using Wspy.Conformance.Engine;
using Wspy.Conformance.Negotiation;

namespace Wspy.Conformance.Steps;

/// <summary>Judges the answer to the extension that the opening handshake offered, and compresses by it from here on.</summary>
internal sealed record AgreeStep : Step
{
    /// <summary>The largest window of the suite's that the case makes sense with.</summary>
    public int OurBits { get; init; } = DeflateParameters.MaxBits;

    /// <summary>Whether the case is about messages that refer to earlier ones, or <see langword="null"/> if it is not about that.</summary>
    public bool? WeTakeOver { get; init; }

    public override Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        IReadOnlyList<ExtensionItem> offers = ExtensionList.Parse([run.Case.Opening.Extension ?? ""]) ?? [];
        Agreement agreement = Agreement.Judge(offers, run.Extension is { } answer ? [answer] : [], out string problem) ?? throw new CaseFailedException(problem);
        if (agreement.Deflate is not { } agreed)
        {
            run.Note(Verdict.Unsupported, "no compression was agreed on");
            run.Ended = true;
            return Task.CompletedTask;
        }

        run.Deflate = new DeflateConversation(agreed, run.Role);
        run.Log.Remark($"agreed: {run.Extension}");
        if (run.Deflate.OurBits > OurBits || (WeTakeOver ?? run.Deflate.WeTakeOver) != run.Deflate.WeTakeOver)
        {
            run.Note(Verdict.Unsupported, $"the agreement [{run.Extension}] does not limit the suite as the case needs it");
            run.Ended = true;
        }

        return Task.CompletedTask;
    }

    public override string ToString() => "an answer that fits the offer";
}
