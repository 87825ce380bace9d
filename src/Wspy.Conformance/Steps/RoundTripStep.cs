using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>Sends a message and waits for it to come back, several times, and tells how fast that went.</summary>
internal sealed record RoundTripStep(IReadOnlyList<WireFrame> Frames, MessageIs Message, int Times) : Step
{
    public override bool NeedsEcho => true;

    public override async Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        // Made before the clock runs, and written with the same keys each time: the peer is measured, and not the suite.
        var bytes = new ArrayBufferWriter<byte>();
        foreach (WireFrame frame in Frames)
        {
            frame.Write(bytes, run.Role);
        }

        byte[] payload = Message.Payload.ToArray();
        string text = $"{Message} in {Frames.Count:N0} frame(s)";
        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < Times; i++)
        {
            await run.Wire.SendAsync(bytes.WrittenMemory, int.MaxValue, TimeSpan.Zero, text, cancellationToken).ConfigureAwait(false);

            // A message of many megabytes may take longer than an answer to a ping.
            WireEvent? found = await run.NextAsync(6 * run.Options.Patience, cancellationToken).ConfigureAwait(false);
            if (found is not MessageEvent message || message.Kind != Message.Kind || !message.Payload.AsSpan().SequenceEqual(payload))
            {
                throw new CaseFailedException($"expected {Message}; got {(found is null ? "nothing" : found)}{(found is null ? "" : Message.Difference(found))}");
            }
        }

        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        double rate = Times * (double)Message.Payload.Length / seconds;
        run.Note(Verdict.Passed, string.Create(CultureInfo.InvariantCulture, $"{Times / seconds:N0} round trips a second, {rate / (1 << 20):N1} MiB/s"));
    }

    public override string ToString() => $"{Message}, {Times:N0} times one after the other";
}
