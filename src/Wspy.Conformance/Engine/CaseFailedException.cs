namespace Wspy.Conformance.Engine;

/// <summary>The peer failed the case. Never leaves the engine: it becomes a verdict.</summary>
internal sealed class CaseFailedException(string reason) : Exception(reason);
