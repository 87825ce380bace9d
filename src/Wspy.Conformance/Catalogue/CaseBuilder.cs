using Wspy.Conformance.Steps;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Catalogue;

/// <summary>Writes the script of a case, step after step.</summary>
internal sealed class CaseBuilder(ConformanceCase @case)
{
    private readonly List<Step> _steps = [];
    private ConformanceCase _case = @case;

    public ConformanceCase Build() => _case with { Steps = [.. _steps], NeedsEcho = _steps.Exists(step => step.NeedsEcho) };

    /// <summary>Limits the case to peers of some role.</summary>
    public CaseBuilder For(PeerRole roles)
    {
        _case = _case with { Roles = roles };
        return this;
    }

    public CaseBuilder Opening(Opening opening)
    {
        _case = _case with { Opening = opening };
        return this;
    }

    /// <summary>The case runs alone.</summary>
    public CaseBuilder Alone()
    {
        _case = _case with { Alone = true };
        return this;
    }

    public CaseBuilder Within(TimeSpan time)
    {
        _case = _case with { Timeout = time };
        return this;
    }

    /// <summary>Sends frames and bytes in one go.</summary>
    public CaseBuilder Send(params IReadOnlyList<WirePart> parts) => Then(new SendStep(parts));

    /// <summary>Sends frames and bytes in TCP segments of at most <paramref name="segment"/> bytes.</summary>
    public CaseBuilder SendChopped(int segment, params IReadOnlyList<WirePart> parts) => Then(new SendStep(parts, segment));

    /// <summary>Sends frames and bytes in pieces with a pause after each.</summary>
    public CaseBuilder SendSlowly(int segment, TimeSpan pause, params IReadOnlyList<WirePart> parts) => Then(new SendStep(parts, segment) { Pause = pause });

    /// <summary>Expects these, in this order.</summary>
    public CaseBuilder Expect(params IReadOnlyList<Expectation> items) => Then(new ExpectStep([new Alternative(items)]));

    /// <summary>Expects pongs with these payloads, of which earlier ones may be missing (RFC 6455 §5.5.3), and after them something else.</summary>
    public CaseBuilder ExpectPongs(IEnumerable<string> pings, Expectation? after = null) => Then(new PongsStep([.. pings.Select(ping => (Payload)ping)], after));

    /// <summary>Expects these, in any order (few: all orders are written out).</summary>
    public CaseBuilder ExpectInAnyOrder(params IReadOnlyList<Expectation> items) =>
        Then(new ExpectStep([.. Orders([.. items]).Select(order => new Alternative(order))]));

    /// <summary>Expects one of several sequences, each with its worth.</summary>
    public CaseBuilder ExpectEither(params IReadOnlyList<Alternative> alternatives) => Then(new ExpectStep(alternatives));

    /// <summary>To the step before, which expects something, adds another sequence that is all right as well.</summary>
    public CaseBuilder Or(params IReadOnlyList<Expectation> items) => Or(Verdict.Passed, "", items);

    /// <summary>To the step before, which expects something, adds another sequence, with what it is worth and why.</summary>
    public CaseBuilder Or(Verdict verdict, string note, params IReadOnlyList<Expectation> items)
    {
        var step = (ExpectStep)_steps[^1];
        _steps[^1] = new ExpectStep([.. step.Alternatives, new Alternative(items, verdict, note)]);
        return this;
    }

    /// <summary>Expects the connection to be failed with one of these codes, and nothing before that.</summary>
    public CaseBuilder ExpectFailure(params int[] codes) => Expect(new FailureIs(codes));

    /// <summary>Sends what is wrong, and expects the connection to fail at once, before the rest is sent piece by piece.</summary>
    public CaseBuilder ExpectFailFast(int code, WirePart offending, params IReadOnlyList<WirePart> rest) => Then(new FailFastStep(offending, rest, code));

    public CaseBuilder ExpectNoAnswer() => Then(new QuietStep());

    /// <summary>Expects the end of TCP.</summary>
    public CaseBuilder ExpectEnd() => Expect(new EndIs());

    /// <summary>Expects that the server still serves others. Passed over where a client is tested.</summary>
    public CaseBuilder ExpectOthersServed() => Then(new OthersStep());

    /// <summary>Closes, and expects the same code back and the end of TCP.</summary>
    public CaseBuilder Close(int? code = 1000, Payload? reason = null) => Then(new CloseStep(code, reason ?? Payload.Empty));

    public CaseBuilder Wait(TimeSpan time) => Then(new PauseStep(time));

    /// <summary>Ends the suite's direction of TCP.</summary>
    public CaseBuilder ShutDown() => Then(new ShutdownStep());

    public CaseBuilder Reset() => Then(new ResetStep());

    /// <summary>The engine answers no Close frame from here on.</summary>
    public CaseBuilder LeaveCloseUnanswered() => Then(new HabitStep("leave a Close frame unanswered", wire => wire.AnswersClose = false));

    /// <summary>The engine reads nothing from here on.</summary>
    public CaseBuilder StopReading() => Then(new HabitStep("stop reading", wire => wire.ReadingMayGoOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));

    public CaseBuilder GoOnReading() => Then(new HabitStep("go on reading", wire =>
    {
        TaskCompletionSource? gate = wire.ReadingMayGoOn;
        wire.ReadingMayGoOn = null;
        gate?.TrySetResult();
    }));

    /// <summary>Adds steps for each of some things.</summary>
    public CaseBuilder ForEach<T>(IEnumerable<T> items, Action<CaseBuilder, T> add)
    {
        foreach (T item in items)
        {
            add(this, item);
        }

        return this;
    }

    /// <summary>Adds any step.</summary>
    public CaseBuilder Then(Step step)
    {
        _steps.Add(step);
        return this;
    }

    private static IEnumerable<List<Expectation>> Orders(List<Expectation> items) =>
        items.Count <= 1 ? [items] : items.SelectMany((first, i) => Orders([.. items[..i], .. items[(i + 1)..]]).Select(rest => (List<Expectation>)[first, .. rest]));
}
