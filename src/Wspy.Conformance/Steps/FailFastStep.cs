using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>
/// Sends what proves the peer's input wrong, and expects the connection to fail at once. If it does not, sends what follows piece
/// by piece, and tells how many bytes later the failing came.
/// </summary>
internal sealed record FailFastStep(WirePart Offending, IReadOnlyList<WirePart> Rest, params int[] Codes) : Step
{
    private static readonly TimeSpan BeforeEachPiece = TimeSpan.FromMilliseconds(40);

    public override async Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        if (await run.NextAsync(BeforeEachPiece, cancellationToken).ConfigureAwait(false) is { } early)
        {
            throw new CaseFailedException($"nothing was wrong yet, and nothing expected; got {early}");
        }

        long late = 0;
        await SendAsync(run, Offending, cancellationToken).ConfigureAwait(false);
        WireEvent? found = await run.NextAsync(run.Options.AtOnce, cancellationToken).ConfigureAwait(false);
        string last = "";
        for (int i = 0; found is null && i < Rest.Count; i++)
        {
            late += await SendAsync(run, Rest[i], cancellationToken).ConfigureAwait(false);
            last = Rest[i].ToString();
            found = await run.NextAsync(BeforeEachPiece, cancellationToken).ConfigureAwait(false);
        }

        found ??= await run.NextAsync(run.Options.Patience, cancellationToken).ConfigureAwait(false);
        if (found is not (CloseEvent or EndEvent))
        {
            throw new CaseFailedException($"expected {this}; got {(found is null ? "nothing, although all was sent" : found)}");
        }

        if (late > 0)
        {
            run.Note(Verdict.NonStrict, $"detected {late:N0} bytes late, after [{last}]");
        }

        await Failing.JudgeAsync(run, found, Codes, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<long> SendAsync(CaseRun run, WirePart part, CancellationToken cancellationToken)
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        part.Write(bytes, run.Role);
        await run.Wire.SendAsync(bytes.WrittenMemory, int.MaxValue, TimeSpan.Zero, part.ToString(), cancellationToken).ConfigureAwait(false);
        return bytes.WrittenCount;
    }

    public override string ToString() => $"the connection failed with {string.Join(" or ", Codes)} as soon as [{Offending}] has come";
}
