using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>
/// After an answer that is for HTTP to handle (RFC 6455 §4.1: a redirect, a demand for credentials) the connection ends; whether
/// the client comes again is told, and not judged.
/// </summary>
internal sealed record ElsewhereStep : Step
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(400);

    public override async Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        run.Wire.Shutdown();
        WireEvent? found = await run.NextAsync(run.Options.Patience, cancellationToken).ConfigureAwait(false);
        run.Ended = true;
        if (found is not EndEvent)
        {
            throw new CaseFailedException($"expected {this}; got {(found is null ? $"nothing within {Show.Time(run.Options.Patience)}" : found)}");
        }

        bool came = await Task.WhenAny(run.Client!.CameAgain.Task, Task.Delay(Soon, cancellationToken)).ConfigureAwait(false) == run.Client!.CameAgain.Task;
        run.Note(Verdict.Informational, came ? $"the client came again: {await run.Client!.CameAgain.Task.ConfigureAwait(false)}" : "the client gave up");
    }

    public override string ToString() => "TCP closed, and no frame sent; the client may come again on another connection";
}

/// <summary>
/// A head that never ends: header lines follow until the client gives up.
/// </summary>
internal sealed record EndlessHeadStep(string Head, string More, int Limit) : Step
{
    /// <summary>What is sent between two looks at the client.</summary>
    private const int Piece = 16 * 1024;

    public override async Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        await new ReplyStep(Head).RunAsync(run, cancellationToken).ConfigureAwait(false);
        byte[] piece = System.Text.Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(More, Piece / More.Length)));
        int sent = 0;
        WireEvent? found = null;
        while (found is null && sent < Limit)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(run.Options.Patience);
            try
            {
                await run.Wire.SendAsync(piece, int.MaxValue, TimeSpan.Zero, $"{piece.Length:N0} more bytes of the head", patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new CaseFailedException($"expected {this}; after {sent:N0} bytes it reads no more, and does not give up");
            }

            sent += piece.Length;
            found = await run.NextAsync(TimeSpan.FromMilliseconds(1), cancellationToken).ConfigureAwait(false);
        }

        found ??= await run.NextAsync(run.Options.AtOnce, cancellationToken).ConfigureAwait(false);
        run.Ended = true;
        if (found is null)
        {
            run.Note(Verdict.NonStrict, $"expected {this}; it took {sent:N0} bytes, and waits for more");
        }
        else if (found is not EndEvent)
        {
            throw new CaseFailedException($"expected {this}; got {found}");
        }
    }

    public override string ToString() => $"the client gives up before {Limit:N0} bytes of [{More.TrimEnd()}] lines have come";
}
