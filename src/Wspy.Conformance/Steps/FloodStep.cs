using System.Buffers;
using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>
/// Sends a frame again and again until the peer ends the connection or the number is reached; then a ping, and if the peer has
/// set no limit, its answer. What the peer sends meanwhile (pongs, echoes) is not judged.
/// </summary>
/// <param name="What">In words.</param>
/// <param name="First">Sent once, before.</param>
/// <param name="Again">Sent in batches.</param>
/// <param name="Count">How many times at most.</param>
/// <param name="Codes">The codes that fit such a flood.</param>
internal sealed record FloodStep(string What, WireFrame? First, WireFrame Again, int Count, params int[] Codes) : Step
{
    private const int Batch = 256 * 1024;

    public override async Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        var one = new ArrayBufferWriter<byte>();
        Again.Write(one, run.Role);
        int atOnce = Math.Clamp(Batch / one.WrittenCount, 1, Count);
        var batch = new ArrayBufferWriter<byte>(atOnce * one.WrittenCount);
        for (int i = 0; i < atOnce; i++)
        {
            batch.Write(one.WrittenSpan);
        }

        if (First is not null)
        {
            await run.Wire.SendAsync([First], int.MaxValue, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        }

        int sent = 0;
        WireEvent? end = null;
        while (sent < Count && end is null)
        {
            await run.Wire.SendAsync(batch.WrittenMemory, int.MaxValue, TimeSpan.Zero, $"{atOnce:N0} times [{Again}]", cancellationToken).ConfigureAwait(false);
            sent += atOnce;
            end = await EndAsync(run, TimeSpan.FromMilliseconds(1), null, cancellationToken).ConfigureAwait(false);
        }

        if (end is null)
        {
            await run.Wire.SendAsync([new WireFrame(Opcode.Ping, "after the flood")], int.MaxValue, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
            end = await EndAsync(run, 2 * run.Options.Patience, "after the flood", cancellationToken).ConfigureAwait(false)
                ?? throw new CaseFailedException($"expected {this}; {sent:N0} were sent, and the peer neither answered a ping after them nor closed");
        }

        if (end is PongEvent)
        {
            run.Note(Verdict.Passed, $"took {sent:N0} of them");
            return;
        }

        run.Note(Verdict.Passed, $"ended the connection by the time {sent:N0} had been sent");
        await Failing.JudgeAsync(run, end, Codes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The next end, Close, or pong with a payload; all else is passed over.</summary>
    private static async Task<WireEvent?> EndAsync(CaseRun run, TimeSpan patience, string? pong, CancellationToken cancellationToken)
    {
        while (await run.NextAsync(patience, cancellationToken).ConfigureAwait(false) is { } found)
        {
            if (found is CloseEvent or EndEvent || (found is PongEvent answer && pong is not null && answer.Payload.AsSpan().SequenceEqual(System.Text.Encoding.UTF8.GetBytes(pong))))
            {
                return found;
            }

            // Not kept: a flood is answered by a flood.
            run.Happened.RemoveAt(run.Happened.Count - 1);
        }

        return null;
    }

    public override string ToString() => $"{What} taken, or the connection failed with {string.Join(" or ", Codes)}";
}
