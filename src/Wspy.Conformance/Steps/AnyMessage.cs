using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Steps;

/// <summary>A message, whatever it says.</summary>
internal sealed record AnyMessage(Opcode Kind) : Expectation
{
    public override bool NeedsEcho => true;

    public override bool Matches(WireEvent found) => found is MessageEvent message && message.Kind == Kind;

    public override string ToString() => $"any {(Kind == Opcode.Text ? "text" : "binary")} message";
}
