using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>The suite closes: it sends a Close frame, expects one back with the same code (§5.5.1), and then the end of TCP.</summary>
internal sealed record CloseStep(int? Code, Payload Reason) : Step
{
    public override async Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        byte[] payload = Code is { } code ? [(byte)(code >> 8), (byte)code, .. Reason.ToArray()] : [];
        await run.Wire.SendAsync([new WireFrame(Opcode.Close, payload)], int.MaxValue, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        WireEvent? answer;
        do
        {
            answer = await run.NextAsync(run.Options.Patience, cancellationToken).ConfigureAwait(false);
        }
        while (answer is PongEvent { Payload.Length: 0 });

        run.Ended = true;
        if (answer is EndEvent)
        {
            throw new CaseFailedException($"expected {this}; got {answer} without a Close frame");
        }

        if (answer is not CloseEvent close)
        {
            throw new CaseFailedException($"expected {this}; got {(answer is null ? $"nothing within {Show.Time(run.Options.Patience)}" : $"{answer}")}");
        }

        if (close.Code != (Code ?? CloseEvent.NoCode))
        {
            Judge(run, close);
        }

        await Failing.ExpectEndAsync(run, close.At, failed: false, cancellationToken).ConfigureAwait(false);
    }

    // §5.5.1: "typically echoes the status code", and so another normal one is no offence; a code of failure is.
    private void Judge(CaseRun run, CloseEvent close)
    {
        if (close.Code is 1002 or 1003 or (>= 1007 and <= 1011))
        {
            throw new CaseFailedException($"expected {this}; got {close}, which says that something was wrong");
        }

        run.Note(Code is null ? Verdict.Informational : Verdict.NonStrict, $"expected the answer {(Code is null ? "without a code" : Code)}; got {close}");
    }

    public override string ToString() => $"the answer to Close{(Code is null ? " without a code" : $" {Code}")} with the same code, and the end of TCP";
}
