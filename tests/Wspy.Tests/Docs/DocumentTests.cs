namespace Wspy.Tests.Docs;

/// <summary>What the documents of this repository show compiles, and what they call a program runs.</summary>
public class DocumentTests
{
    public static TheoryData<string> Documents() => [.. Repository.Documents().Select(document => document.Path)];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Snippets_compile(string document) => Offences.None(Snippets(document).SelectMany(SnippetCompiler.Check));

    [Theory]
    [MemberData(nameof(Documents))]
    public Task Programs_run(string document) => Rehearsal.RunAsync(Snippets(document));

    /// <summary>A link to a file of the repository names one that exists.</summary>
    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_lead_somewhere(string document) =>
        Offences.None(Markdown.Links(Text(document)).Where(link => !Path.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(document)!, link))));

    private static List<Snippet> Snippets(string document) => Markdown.Snippets(document, Text(document));

    private static string Text(string document) => File.ReadAllText(Path.Combine(Repository.Root, document));
}
