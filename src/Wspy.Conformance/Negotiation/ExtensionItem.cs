namespace Wspy.Conformance.Negotiation;

/// <summary>One extension of a <c>Sec-WebSocket-Extensions</c> list, with its parameters in order; a value is null where there is no "=".</summary>
internal sealed record ExtensionItem(string Name, IReadOnlyList<(string Name, string? Value)> Parameters)
{
    public override string ToString() => string.Join("; ", [Name, .. Parameters.Select(parameter => parameter.Value is null ? parameter.Name : $"{parameter.Name}={parameter.Value}")]);
}
