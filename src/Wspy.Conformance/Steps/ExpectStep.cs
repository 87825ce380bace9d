using Wspy.Conformance.Engine;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>One way in which a step may go, and what it is worth.</summary>
internal sealed record Alternative(IReadOnlyList<Expectation> Items, Verdict Verdict = Verdict.Passed, string Note = "")
{
    public override string ToString() => Show.Sequence([.. Items.Select(item => item.ToString())]);
}

/// <summary>Expects events in one of several orders; the first alternative that is complete counts.</summary>
internal sealed record ExpectStep(IReadOnlyList<Alternative> Alternatives) : Step
{
    public override bool NeedsEcho => Alternatives.All(alternative => alternative.Items.Any(item => item.NeedsEcho));

    public override async Task RunAsync(CaseRun run, CancellationToken cancellationToken)
    {
        List<Alternative> alive = [.. Alternatives];
        List<string> found = [];
        for (int position = 0; ; position++)
        {
            if (alive.Find(alternative => alternative.Items.Count == position) is { } complete)
            {
                run.Note(complete.Verdict, complete.Note);
                return;
            }

            WireEvent? next = await run.NextAsync(run.Options.Patience, cancellationToken).ConfigureAwait(false);
            List<Alternative> fitting = next is null ? [] : alive.FindAll(alternative => alternative.Items[position].Matches(next));
            if (fitting.Count == 0)
            {
                if (next is PongEvent { Payload.Length: 0 })
                {
                    // §5.5.3: an unsolicited pong may come at any time; nobody answers it.
                    position--;
                    continue;
                }

                found.Add(next is null ? $"nothing within {Show.Time(run.Options.Patience)}" : $"{next}{alive[0].Items[position].Difference(next)}");
                throw new CaseFailedException($"expected {this}; got {Show.Sequence(found)}");
            }

            alive = Nearest(fitting, position, next!);
            found.Add(next!.ToString()!);
            if (alive[0].Items[position] is FailureIs failure)
            {
                run.Note(alive[0].Verdict, alive[0].Note);
                await Failing.JudgeAsync(run, next, failure.Codes, cancellationToken).ConfigureAwait(false);
                return;
            }
        }
    }

    /// <summary>A failing takes any Close frame, to judge its code; where an alternative names just this code, that one is meant.</summary>
    private static List<Alternative> Nearest(List<Alternative> fitting, int position, WireEvent next)
    {
        List<Alternative> exact = next is CloseEvent close
            ? fitting.FindAll(alternative => alternative.Items[position] is not FailureIs failure || failure.Codes.Contains(close.Code))
            : fitting;
        return exact.Count > 0 ? exact : fitting;
    }

    public override string ToString()
    {
        IEnumerable<Alternative> best = Alternatives.Where(alternative => alternative.Verdict == Verdict.Passed);
        return string.Join("; or ", best.Any() ? best : Alternatives);
    }
}
