using Wspy.Conformance.Deflate;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>A message that was compressed in a certain way.</summary>
internal sealed record CompressedIs(MessageIs Message, string How, Func<Inflated, bool> Test) : Expectation
{
    public override bool NeedsEcho => true;

    public override bool Matches(WireEvent found) => Message.Matches(found) && found is MessageEvent { Compression: { } compression } && Test(compression);

    public override string Difference(WireEvent found) => Message.Difference(found);

    public override string ToString() => $"{Message}, {How}";
}
