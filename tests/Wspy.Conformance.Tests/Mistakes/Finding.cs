namespace Wspy.Conformance.Tests.Mistakes;

/// <summary>What finds a mistake: groups or single cases, and how bad their verdict must be.</summary>
internal sealed record Finding(Mistake Mistake, string[] Groups, Verdict Verdict)
{
    /// <summary>Those of the catalogue for a role.</summary>
    public ConformanceCase[] Cases(PeerRole role) =>
        [.. ConformanceCatalogue.All.Where(@case => @case.Roles.HasFlag(role) && Groups.Any(group => CaseSelection.Matches(@case, group)))];

    /// <summary>The mistake was found, and not taken for worse than it is.</summary>
    public void AssertIn(SuiteResult result)
    {
        CaseResult[] found = [.. result.Results.Where(one => one.Verdict != Verdict.Passed)];
        TestContext.Current.TestOutputHelper!.WriteLine($"{Mistake}: {found.Length} of {result.Results.Count} cases in {result.Duration.TotalSeconds:0.0} s");
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(Environment.NewLine, found.Select(one => one.ToString())));
        Assert.Contains(found, one => one.Verdict >= Verdict);
        if (Verdict != Verdict.Failed)
        {
            // The RFC lets a peer do this, and so it must not be failed for it.
            Assert.DoesNotContain(found, one => one.Verdict == Verdict.Failed);
        }
    }

    public static Finding Failed(Mistake mistake, params string[] groups) => new(mistake, groups, Verdict.Failed);

    /// <summary>What the RFC allows, and does not recommend.</summary>
    public static Finding NonStrict(Mistake mistake, params string[] groups) => new(mistake, groups, Verdict.NonStrict);

    /// <summary>What the RFC leaves open, and a report tells.</summary>
    public static Finding Told(Mistake mistake, params string[] groups) => new(mistake, groups, Verdict.Informational);
}
