using System.Net;

namespace Wspy.Conformance.Tests.Mistakes;

/// <summary>The suite finds no mistake where there is none.</summary>
public class CorrectClientTests
{
    [Fact]
    public async Task A_correct_client_passes_every_case()
    {
        // The client offers no extensions, which is what section 12 is about.
        await using var suite = new ClientSuite(CaseSelection.Select(ConformanceCatalogue.All, [], ["12"]), new IPEndPoint(IPAddress.Loopback, 0), BusyMachine.Options);
        Task<SuiteResult> running = suite.RunAsync(TestContext.Current.CancellationToken);
        using var client = new MistakenClient(suite.EndPoint, Mistake.None);

        await client.RunAsync(parallel: 16);

        SuiteResult result = await running;
        Assert.Empty(result.Results.Where(one => one.Verdict is not (Verdict.Passed or Verdict.Informational)).Select(one => one.ToString()));
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(Environment.NewLine, result.Results.Where(one => one.Verdict != Verdict.Passed).Select(one => one.ToString())));
    }
}
