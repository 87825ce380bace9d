using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>
/// Expects a pong for each of several pings, in order. RFC 6455 §5.5.3: who has not answered a ping when the next one comes may
/// answer only the later one; the last one is always answered.
/// </summary>
/// <param name="Pings">The payloads of the pings.</param>
/// <param name="After">What comes after the pongs, or <see langword="null"/>.</param>
internal sealed record PongsStep(IReadOnlyList<Payload> Pings, Expectation? After = null) : Step
{
    public override bool NeedsEcho => After is { NeedsEcho: true };

    public override async Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        byte[][] waiting = [.. Pings.Select(ping => ping.ToArray())];
        int answered = 0;
        int next = 0;
        bool last = false;
        while (next < waiting.Length || After is not null)
        {
            // Once the last payload has come, those that still wait for an answer with the same payload need none.
            WireEvent? found = await run.NextAsync(last && After is null ? run.Options.Silence : run.Options.Patience, cancellationToken).ConfigureAwait(false);
            if (found is PongEvent { Payload.Length: 0 } && !Array.Exists(waiting, payload => payload.Length == 0))
            {
                // §5.5.3: an unsolicited pong may come at any time.
                continue;
            }

            if (found is PongEvent pong && Array.FindIndex(waiting, next, payload => payload.AsSpan().SequenceEqual(pong.Payload)) is >= 0 and int index)
            {
                next = index + 1;
                answered++;
                last = pong.Payload.AsSpan().SequenceEqual(waiting[^1]);
                continue;
            }

            if (last && (After is null ? found is null : found is not null && After.Matches(found)))
            {
                break;
            }

            throw new CaseFailedException($"expected {this}; got {(found is null ? $"nothing within {Show.Time(run.Options.Patience)}" : found)}{(answered == 0 ? "" : $" after {answered} of {waiting.Length} pongs")}");
        }

        if (answered < waiting.Length)
        {
            run.Note(Verdict.Informational, $"{answered} of {waiting.Length} pings were answered, the last one among them, as §5.5.3 allows");
        }
    }

    public override string ToString() => $"a pong for each of {Pings.Count} pings, in order, the last one at least{(After is null ? "" : $"; then {After}")}";
}
