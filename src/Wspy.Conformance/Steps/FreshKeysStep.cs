using Wspy.Conformance.Engine;

namespace Wspy.Conformance.Steps;

/// <summary>Judges the keys of the frames that a client has sent so far (RFC 6455 §5.3, §10.3).</summary>
internal sealed record FreshKeysStep(int Least) : Step
{
    public override Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        List<uint> keys = run.Wire.Frames.Keys;
        if (keys.Count < Least)
        {
            throw new CaseFailedException($"expected {Least} frames with keys; got {keys.Count}");
        }

        if (keys.Distinct().Count() < keys.Count)
        {
            throw new CaseFailedException($"expected a fresh key for each frame; in {keys.Count} frames there were {keys.Distinct().Count()} keys");
        }

        // One step from key to key is a counter, and foreseeable. Two random steps are the same once in 2^32.
        uint[] steps = [.. keys.Skip(1).Select((key, i) => key - keys[i])];
        if (steps.Length > 1 && steps.Distinct().Count() == 1)
        {
            throw new CaseFailedException("expected keys that nobody can foresee (§5.3); each one is the one before plus the same number");
        }

        // §10.3: a generator that begins with the same seed is foreseeable after one connection. Two keys: a single one meets another by chance once in 2^32.
        if (keys.Count > 1 && !run.Client!.KeysBefore.TryAdd((keys[0], keys[1]), 0))
        {
            throw new CaseFailedException("expected keys that nobody can foresee (§10.3); another connection began with the same ones");
        }

        return Task.CompletedTask;
    }

    public override string ToString() => "a fresh, unforeseeable key on each frame, and other keys than on the connections before";
}
