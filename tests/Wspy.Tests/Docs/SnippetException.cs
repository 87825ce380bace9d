namespace Wspy.Tests.Docs;

/// <summary>A program of a document did not do what the document promises.</summary>
internal sealed class SnippetException(string message) : Exception(message);
