using System.Diagnostics;
using System.Net;
using Wspy.Interop.Tests.Harness;

namespace Wspy.Conformance.Tests.Clients;

/// <summary>Runs all cases against a client, and compares with the file that says what it is known to do.</summary>
internal static class ClientRun
{
    /// <summary>Cases at once; most of a case's time is waiting.</summary>
    public const int Parallel = 16;

    public static string Drivers { get; } = Path.Combine(Tree.Root, "tests/Wspy.Conformance.Tests/drivers");

    /// <summary>Runs all cases but those about extensions.</summary>
    /// <param name="drive">Leads the client through the cases, given the suite's URL.</param>
    public static Task<SuiteResult> AgainstAsync(Func<string, Task> drive) => AgainstAsync(drive, CaseSelection.Select(ConformanceCatalogue.All, [], ["12"]));

    /// <summary>Runs these cases.</summary>
    public static async Task<SuiteResult> AgainstAsync(Func<string, Task> drive, IReadOnlyList<ConformanceCase> cases)
    {
        await using var suite = new ClientSuite(cases, new IPEndPoint(IPAddress.Loopback, 0), BusyMachine.Options);
        Task<SuiteResult> running = suite.RunAsync(TestContext.Current.CancellationToken);
        Task driving = drive(suite.Url);
        if (await Task.WhenAny(running, driving) == driving)
        {
            await driving;
        }

        return await running;
    }

    /// <summary>Leads a client that is a program of its own.</summary>
    public static async Task ProgramAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = Tree.Peers, RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync();
            await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, await errors);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Each result must be as the file of this name says.</summary>
    public static void AssertExpected(string name, SuiteResult result)
    {
        string file = Path.Combine(Tree.Root, "tests/Wspy.Conformance.Tests/expected", name);
        if (Environment.GetEnvironmentVariable("WSPY_WRITE_EXPECTED") is { Length: > 0 } folder)
        {
            File.WriteAllLines(Path.Combine(folder, name), result.Results.Where(item => item.Verdict != Verdict.Passed).Select(item => $"{item.Case.Id,-10} {item.Verdict.Name(),-14} # {item.Case.Title} || {item.Reason.ReplaceLineEndings(" ")}"));
        }

        using var reader = new StreamReader(file);
        IReadOnlyList<CaseResult> differences = ExpectedVerdicts.Read(reader).Differences(result);
        Assert.True(differences.Count == 0, $"{differences.Count} not as expected:\n{string.Join('\n', differences)}");
    }
}
