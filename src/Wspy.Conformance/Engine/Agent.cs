using System.Collections.Concurrent;
using System.Diagnostics;

namespace Wspy.Conformance.Engine;

/// <summary>A client under test, known by the name that it gives itself. Safe from any thread.</summary>
internal sealed class Agent(string name)
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<CaseResult?>> _results = new();
    private readonly DateTimeOffset _started = DateTimeOffset.Now;
    private readonly long _began = Stopwatch.GetTimestamp();

    public bool IsDone { get; set; }

    /// <summary>A case that is run again counts anew.</summary>
    public void Begin(string id) => _results[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void End(CaseResult? result, string? id = null) => _results[result?.Case.Id ?? id!].TrySetResult(result);

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

    public SuiteResult ToResult(IEnumerable<ConformanceCase> cases) => new()
    {
        Peer = name,
        Role = PeerRole.Client,
        Started = _started,
        Duration = Stopwatch.GetElapsedTime(_began),
        Results = [.. cases.Select(@case => _results.TryGetValue(@case.Id, out TaskCompletionSource<CaseResult?>? result) && result.Task.IsCompletedSuccessfully ? result.Task.Result : null).OfType<CaseResult>()],
    };
}
