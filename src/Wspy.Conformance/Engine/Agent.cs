using System.Collections.Concurrent;
using System.Diagnostics;

namespace Wspy.Conformance.Engine;

/// <summary>A client under test, known by the name that it gives itself. Safe from any thread.</summary>
internal sealed class Agent(string name)
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<CaseResult?>> _results = new();
    private readonly ConcurrentDictionary<string, Accepting> _running = new();
    private readonly DateTimeOffset _started = DateTimeOffset.Now;
    private readonly long _began = Stopwatch.GetTimestamp();

    public string Name => name;

    public bool IsDone { get; set; }

    /// <summary>Whether one of its cases is under way.</summary>
    public bool IsRunning => !_running.IsEmpty;

    /// <summary>Whether it has run any case; who only asks is no client under test.</summary>
    public bool HasRun => !_results.IsEmpty;

    /// <summary>A case that is run again counts anew; while it runs, another connection for it is a part of the case.</summary>
    /// <returns>Whether it was not running.</returns>
    public bool Begin(string id, Accepting connection)
    {
        if (!_running.TryAdd(id, connection))
        {
            CameAgain(id, connection.Request);
            return false;
        }

        _results[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return true;
    }

    /// <summary>The client has opened another connection in the course of a case.</summary>
    public void CameAgain(string id, ClientRequest request)
    {
        if (_running.TryGetValue(id, out Accepting? first))
        {
            first.CameAgain.TrySetResult(request.Line + (request.All("Authorization").Count > 0 ? " with Authorization" : ""));
        }
    }

    public void End(string id, CaseResult? result)
    {
        _running.TryRemove(id, out _);
        _results[id].TrySetResult(result);
    }

    /// <summary>Whether a case has begun.</summary>
    public bool HasBegun(string id) => _results.ContainsKey(id);

    /// <summary>The result of a case: a client that has seen the connection end may ask before the suite has judged it.</summary>
    public async Task<CaseResult?> WaitAsync(string id, TimeSpan patience)
    {
        if (!_results.TryGetValue(id, out TaskCompletionSource<CaseResult?>? result))
        {
            return null;
        }

        try
        {
            return await result.Task.WaitAsync(patience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Waits for the cases that still run: the client may be done with them before the suite is.</summary>
    public Task SettleAsync(TimeSpan patience) =>
        Task.WhenAny(Task.WhenAll(_results.Values.Select(result => result.Task)), Task.Delay(patience));

    /// <summary>The result of all cases: one that the client did not come for has failed.</summary>
    public SuiteResult ToFinalResult(IReadOnlyList<ConformanceCase> cases)
    {
        SuiteResult result = ToResult(cases);
        Dictionary<string, CaseResult> came = result.Results.ToDictionary(item => item.Case.Id);
        return result with { Results = [.. cases.Select(@case => came.GetValueOrDefault(@case.Id) ?? NeverCame(@case))] };
    }

    private static CaseResult NeverCame(ConformanceCase @case) => new()
    {
        Case = @case,
        Verdict = Verdict.Failed,
        Reason = "the client did not come for this case",
        Happened = [],
        Wire = [],
        Duration = TimeSpan.Zero,
    };

    public SuiteResult ToResult(IEnumerable<ConformanceCase> cases) => new()
    {
        Peer = name,
        Role = PeerRole.Client,
        Started = _started,
        Duration = Stopwatch.GetElapsedTime(_began),
        Results = [.. cases.Select(@case => _results.TryGetValue(@case.Id, out TaskCompletionSource<CaseResult?>? result) && result.Task.IsCompletedSuccessfully ? result.Task.Result : null).OfType<CaseResult>()],
    };
}
