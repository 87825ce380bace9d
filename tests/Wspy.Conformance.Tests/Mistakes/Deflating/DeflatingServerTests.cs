namespace Wspy.Conformance.Tests.Mistakes.Deflating;

/// <summary>Section 12 finds each mistake, and none where there is none.</summary>
public class DeflatingServerTests
{
    /// <summary>Short, since some mistakes show as silence; each row says how bad the verdict must be.</summary>
    private static readonly SuiteOptions Options = new()
    {
        Patience = TimeSpan.FromSeconds(3),
        AtOnce = TimeSpan.FromMilliseconds(200),
        CloseTime = TimeSpan.FromSeconds(8),
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true, Explicit = true)]
    public async Task A_correct_server_passes(bool all)
    {
        await using var server = new DeflatingServer(DeflateMistake.None);

        SuiteResult result = await new ServerSuite(server.Url, BusyMachine.Options).RunAsync(all ? ExtensionCases.All : [.. ExtensionCases.Sample, .. ExtensionCases.Growing]);

        Assert.Empty(result.Results.Where(one => one.Verdict is not (Verdict.Passed or Verdict.Informational)).Select(one => one.ToString()));
        Assert.InRange(result.Count(Verdict.Informational), 0, 4);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_mistake_is_found(DeflateMistake mistake)
    {
        (_, string[] groups, Verdict verdict) = DeflateFoundBy.All.Single(row => row.Mistake == mistake);
        IReadOnlyList<ConformanceCase> cases = CaseSelection.Select(ConformanceCatalogue.All, groups, []);
        await using var server = new DeflatingServer(mistake);

        SuiteResult result = await new ServerSuite(server.Url, Options).RunAsync(cases);

        CaseResult[] found = [.. result.Results.Where(one => one.Verdict != Verdict.Passed)];
        TestContext.Current.TestOutputHelper!.WriteLine($"{mistake}: {found.Length} of {cases.Count} cases");
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(Environment.NewLine, found.Select(one => one.ToString())));
        Assert.Contains(found, one => one.Verdict >= verdict);
        if (verdict != Verdict.Failed)
        {
            // The RFC lets a peer do this, and so it must not be failed for it.
            Assert.DoesNotContain(found, one => one.Verdict == Verdict.Failed);
        }
    }

    [Fact]
    public void Each_mistake_has_a_row() => Assert.Equal(Enum.GetValues<DeflateMistake>().Where(mistake => mistake != DeflateMistake.None), DeflateFoundBy.All.Select(row => row.Mistake).Order());

    public static TheoryData<DeflateMistake> Rows() => [.. DeflateFoundBy.All.Select(row => row.Mistake)];
}
