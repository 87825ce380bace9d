namespace Wspy.Conformance.Tests.Mistakes;

/// <summary>The suite finds no mistake where there is none.</summary>
public class CorrectServerTests
{
    [Fact]
    public async Task A_correct_server_passes_every_case()
    {
        await using var server = new MistakenServer(Mistake.None);

        // The server reads no Sec-WebSocket-Extensions, and how that is read is what section 12 judges.
        SuiteResult result = await new ServerSuite(server.Url, BusyMachine.Options).RunAsync(CaseSelection.Select(ConformanceCatalogue.All, [], ["12"]));

        Assert.Empty(result.Results.Where(one => one.Verdict is not (Verdict.Passed or Verdict.Informational or Verdict.Unsupported)).Select(one => one.ToString()));
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(Environment.NewLine, result.Results.Where(one => one.Verdict != Verdict.Passed).Select(one => one.ToString())));
    }
}
