namespace Wspy.Tests.Docs;

public class MarkdownTests
{
    [Fact]
    public void Blocks_are_found_with_their_lines_and_words()
    {
        List<Snippet> snippets = Markdown.Snippets("docs/x.md", """
            # Title

            ```csharp
            int i = 1;

            i++;
            ```

            1. In a list:

               ~~~~csharp server echo
               if (true)
               {
                   ~~~
               }
               ~~~~

            ```sh
            ```csharp
            ```
            """);

        Assert.Equal(2, snippets.Count);
        Assert.Equal(("docs/x.md", 4, "int i = 1;\n\ni++;\n"), (snippets[0].Document, snippets[0].Line, snippets[0].Code));
        Assert.Empty(snippets[0].Words);
        Assert.Equal((12, "if (true)\n{\n    ~~~\n}\n"), (snippets[1].Line, snippets[1].Code));
        Assert.Equal(["server", "echo"], snippets[1].Words);
    }

    [Theory]
    [InlineData("a\n```csharp\nint i;\n", "x.md(2): the fence is never closed")]
    [InlineData("```cs\n```\n", "x.md(1): write 'csharp' instead of 'cs', so that the block is compiled")]
    [InlineData("```C#\n```\n", "x.md(1): write 'csharp' instead of 'C#', so that the block is compiled")]
    [InlineData("```CSharp fragment\n```\n", "x.md(1): write 'csharp' instead of 'CSharp', so that the block is compiled")]
    [InlineData("```csharp,fragment\n```\n", "x.md(1): write 'csharp' instead of 'csharp,fragment', so that the block is compiled")]
    public void A_block_that_would_escape_is_an_error(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => Markdown.Snippets("x.md", text)).Message);

    [Fact]
    public void Links_to_files_are_found() => Assert.Equal(
        ["docs/a.md", "b.md", "../c"],
        Markdown.Links("[a](docs/a.md), [b](b.md#part \"title\") ![c](../c) [web](https://example.org/) [here](#part) `[d](e)`\n```csharp\nx[i](j);\n```\n"));
}
