using Wspy.Conformance.Steps;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Catalogue;

/// <summary>
/// A section of the catalogue: derive, and say in <see cref="Define"/> what its groups and cases are. Cases are numbered as they
/// are written, and their ids stand in files of expected verdicts: add new ones at the end of their group, and groups at the end.
/// </summary>
internal abstract partial class CatalogueSection(int number, string title)
{
    private readonly List<CaseBuilder> _cases = [];
    private (int Number, string Title, string Purpose, string Rfc, PeerRole Roles) _group;
    private int _inGroup;

    public int Number => number;

    public string Title => title;

    public IEnumerable<ConformanceCase> Build()
    {
        _cases.Clear();
        Define();
        return _cases.Select(builder => builder.Build()).ToList();
    }

    protected abstract void Define();

    /// <summary>Begins a group; its number is the second part of its cases' ids.</summary>
    /// <param name="group">Unique in the section.</param>
    /// <param name="groupTitle">What the cases have in common.</param>
    /// <param name="purpose">Why they are tried: the purpose of each case that has none of its own.</param>
    /// <param name="rfc">Where the rule stands, for each case that does not say otherwise.</param>
    /// <param name="roles">The roles of the peer under test.</param>
    protected void Group(int group, string groupTitle, string purpose, string rfc, PeerRole roles = PeerRole.Both)
    {
        _group = (group, groupTitle, purpose, rfc, roles);
        _inGroup = 0;
    }

    /// <summary>Begins a case; its script follows in calls on the result.</summary>
    protected CaseBuilder Case(string caseTitle, string? purpose = null, string? rfc = null)
    {
        var builder = new CaseBuilder(new ConformanceCase
        {
            Id = $"{number}.{_group.Number}.{++_inGroup}",
            Section = number,
            SectionTitle = title,
            Group = _group.Title,
            Title = caseTitle,
            Purpose = purpose ?? _group.Purpose,
            Rfc = rfc ?? _group.Rfc,
            Roles = _group.Roles,
            NeedsEcho = false,
        });
        _cases.Add(builder);
        return builder;
    }
}
