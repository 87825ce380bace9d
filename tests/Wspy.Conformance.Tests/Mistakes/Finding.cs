namespace Wspy.Conformance.Tests.Mistakes;

/// <summary>What finds a mistake: groups or single cases, and how bad their verdict must be.</summary>
internal sealed record Finding(Mistake Mistake, string[] Groups, Verdict Verdict)
{
    /// <summary>Those of the catalogue for a role.</summary>
    public ConformanceCase[] Cases(PeerRole role) =>
        [.. ConformanceCatalogue.All.Where(@case => @case.Roles.HasFlag(role) && Groups.Any(group => CaseSelection.Matches(@case, group)))];

    /// <summary>Runs at most, of mistakes that show only when a peer reads between two segments: on a busy machine it may find all of them in one read.</summary>
    private int MaxRuns => Mistake is Mistake.ReadsHeadersWithOneRead or Mistake.UnmasksAnewAfterEachRead ? 10 : 1;

    /// <summary>Runs the suite until it finds the mistake.</summary>
    public async Task<SuiteResult> RunAsync(Func<Task<SuiteResult>> run)
    {
        SuiteResult result = await run();
        for (int i = 1; i < MaxRuns && !IsIn(result); i++)
        {
            result = await run();
        }

        return result;
    }

    /// <summary>The mistake was found, and not taken for worse than it is.</summary>
    public void AssertIn(SuiteResult result)
    {
        CaseResult[] found = [.. result.Results.Where(one => one.Verdict != Verdict.Passed)];
        TestContext.Current.TestOutputHelper!.WriteLine($"{Mistake}: {found.Length} of {result.Results.Count} cases in {result.Duration.TotalSeconds:0.0} s");
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(Environment.NewLine, found.Select(one => one.ToString())));
        Assert.True(IsIn(result), "The mistake was not found.");
        if (Verdict != Verdict.Failed)
        {
            // The RFC lets a peer do this, and so it must not be failed for it.
            Assert.DoesNotContain(found, one => one.Verdict == Verdict.Failed);
        }
    }

    private bool IsIn(SuiteResult result) => result.Results.Any(one => one.Verdict != Verdict.Passed && one.Verdict >= Verdict);

    public static Finding Failed(Mistake mistake, params string[] groups) => new(mistake, groups, Verdict.Failed);

    /// <summary>What the RFC allows, and does not recommend.</summary>
    public static Finding NonStrict(Mistake mistake, params string[] groups) => new(mistake, groups, Verdict.NonStrict);

    /// <summary>What the RFC leaves open, and a report tells.</summary>
    public static Finding Told(Mistake mistake, params string[] groups) => new(mistake, groups, Verdict.Informational);
}
