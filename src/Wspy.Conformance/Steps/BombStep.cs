using Wspy.Conformance.Deflate;
using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>
/// Sends a small message that inflates to a very large one. It may be sent back, or refused with 1009; in between there is
/// nothing that a peer may do.
/// </summary>
internal sealed record BombStep(int MiB, int FragmentSize = int.MaxValue) : Step
{
    /// <summary>Whether the last frame says FIN.</summary>
    public bool Ends { get; init; } = true;

    private int Size => MiB << 20;

    public override bool NeedsEcho => true;

    public override async Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        byte[] payload = Deflater.ByZlib(new byte[Size], level: 9, final: false);
        List<WirePart> parts = [];
        for (int at = 0; at < payload.Length; at += Math.Min(FragmentSize, payload.Length))
        {
            int end = at + Math.Min(FragmentSize, payload.Length - at);
            parts.Add(new WireFrame(at == 0 ? Opcode.Binary : Opcode.Continuation, payload[at..end]) { Fin = Ends && end == payload.Length, Reserved = at == 0 ? 4 : 0 });
        }

        await run.Wire.SendAsync(parts, int.MaxValue, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        TimeSpan patience = Ends ? run.Case.Timeout ?? run.Options.Patience : run.Options.Patience;
        switch (await run.NextAsync(patience, cancellationToken).ConfigureAwait(false))
        {
            case MessageEvent { Kind: Opcode.Binary } message when message.Payload.Length == Size && !message.Payload.AsSpan().ContainsAnyExcept((byte)0):
                run.Note(Verdict.Passed, $"{MiB} MiB were sent back");
                break;
            case CloseEvent { Code: 1009 } close:
                run.Note(Verdict.Passed, "refused with 1009");
                await Failing.JudgeAsync(run, close, [1009], cancellationToken).ConfigureAwait(false);
                break;
            case { } failure when failure is CloseEvent or EndEvent:
                await Failing.JudgeAsync(run, failure, [1009], cancellationToken).ConfigureAwait(false);
                break;
            case null when !Ends:
                run.Note(Verdict.Informational, "the peer took all of it, and waits for the end");
                break;
            case var other:
                throw new CaseFailedException($"expected {this}; got {(other is null ? "no answer" : other)}");
        }
    }

    public override string ToString() => $"the answer to {MiB} MiB of zeros, compressed{(FragmentSize == int.MaxValue ? "" : $", in fragments of {FragmentSize:N0} bytes")}{(Ends ? ": the same, or Close 1009" : ", without an end: Close 1009")}";
}
