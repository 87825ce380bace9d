using System.Collections.Concurrent;
using System.Net;

namespace Wspy.Conformance.Tests.Mistakes;

/// <summary>Runs of the suite against clients with a mistake, several at a time: nearly all of a run's time is waiting for what does not come.</summary>
public sealed class MistakenClientRuns
{
    private const int AtOnce = 16;

    /// <summary>As for servers.</summary>
    private static readonly SuiteOptions Options = MistakenServerTests.Options;

    private readonly ConcurrentDictionary<Mistake, TaskCompletionSource<SuiteResult>> _results = new();
    private readonly Lazy<Task> _all;

    public MistakenClientRuns() => _all = new(RunAllAsync);

    /// <summary>The result of the cases that find a mistake; the first one that asks has all of them run.</summary>
    internal async Task<SuiteResult> OfAsync(Mistake mistake)
    {
        Task<SuiteResult> result = Slot(mistake).Task;
        return await Task.WhenAny(result, _all.Value) == result ? await result : await FailedAsync(result);
    }

    private async Task<SuiteResult> FailedAsync(Task<SuiteResult> result)
    {
        await _all.Value;
        return await result;
    }

    private Task RunAllAsync() => Parallel.ForEachAsync(
        FoundInClients.All,
        new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken },
        async (finding, token) => Slot(finding.Mistake).SetResult(await finding.RunAsync(() => RunAsync(finding, token))));

    private static async Task<SuiteResult> RunAsync(Finding finding, CancellationToken token)
    {
        await using var suite = new ClientSuite(finding.Cases(PeerRole.Client), new IPEndPoint(IPAddress.Loopback, 0), Options);
        Task<SuiteResult> running = suite.RunAsync(token);
        using var client = new MistakenClient(suite.EndPoint, finding.Mistake);
        await client.RunAsync(parallel: 4);
        return await running;
    }

    private TaskCompletionSource<SuiteResult> Slot(Mistake mistake) =>
        _results.GetOrAdd(mistake, _ => new TaskCompletionSource<SuiteResult>(TaskCreationOptions.RunContinuationsAsynchronously));
}
