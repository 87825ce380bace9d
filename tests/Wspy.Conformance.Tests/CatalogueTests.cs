namespace Wspy.Conformance.Tests;

public class CatalogueTests
{
    [Fact]
    public void Ids_are_unique_and_in_order()
    {
        string[] ids = [.. ConformanceCatalogue.All.Select(item => item.Id)];

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal(ids.OrderBy(id => new Version(id)), ids);
    }

    [Fact]
    public void Each_case_says_what_why_and_by_which_rule() => Assert.All(ConformanceCatalogue.All, item =>
    {
        Assert.NotEmpty(item.Title);
        Assert.NotEmpty(item.Purpose);
        Assert.Contains("RFC ", item.Rfc, StringComparison.Ordinal);
        Assert.NotEqual(PeerRole.None, item.Roles);
        Assert.NotEmpty(item.Script);
    });

    [Fact]
    public void Each_case_expects_something() =>
        Assert.All(ConformanceCatalogue.All, item => Assert.Contains(item.Script, line => line.StartsWith("expect ", StringComparison.Ordinal)));

    [Theory]
    [InlineData("5.1.1", 1)]
    [InlineData("*.1.1", 10)]
    [InlineData("3", 77)]
    [InlineData("3.1", 7)]
    public void Cases_are_chosen(string pattern, int atLeast) =>
        Assert.InRange(CaseSelection.Select(ConformanceCatalogue.All, [pattern], []).Count, atLeast, atLeast + 5);

    [Fact]
    public void Excluded_cases_are_left_out() =>
        Assert.Equal(["3.1.1", "3.1.7"], CaseSelection.Select(ConformanceCatalogue.All, ["3.1"], ["3.1.2", "3.1.3", "3.1.4", "3.1.5", "3.1.6", "5"]).Select(item => item.Id));

    [Fact]
    public void A_pattern_that_chooses_nothing_is_a_mistake() =>
        Assert.Throws<ArgumentException>(() => CaseSelection.Select(ConformanceCatalogue.All, ["77"], []));
}
