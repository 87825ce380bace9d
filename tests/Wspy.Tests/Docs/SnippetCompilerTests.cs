namespace Wspy.Tests.Docs;

public class SnippetCompilerTests
{
    [Theory]
    [InlineData("Console.WriteLine(await Task.FromResult(args.Length));\n")]
    [InlineData("using Wspy;\nvar header = new FrameHeader(Opcode.Text, 5);\nConsole.WriteLine(header);\n")]
    [InlineData("class Program { static void Main() { } }\n")]
    public void A_program_compiles(string code) => Assert.Empty(Check(code));

    [Theory]
    [InlineData("await stream.WriteAsync(bytes, cancellationToken);\n")]
    [InlineData("await foreach (Message message in connection)\n{\n    await connection.SendAsync(message);\n}\n")]
    [InlineData("server.Start();\nclient.Send(text);\nwebSocket.Send(Frame.Binary(bytes));\n")]
    [InlineData("int unused;\nint also = 1;\nvoid Local() { }\n")]
    [InlineData("using System.Buffers;\nvar pool = ArrayPool<byte>.Shared;\n")]
    [InlineData("record Move(int X, int Y);\n")]
    [InlineData("var move = new Move(1, 2);\nrecord Move(int X, int Y);\n")]
    [InlineData("string text = \"hides the variable of the context\";\nConsole.WriteLine(text);\n")]
    [InlineData("var header = new FrameHeader(Opcode.Text, bytes.Length);\n")]
    public void A_fragment_compiles_among_the_variables_of_its_context(string code) => Assert.Empty(Check(code, "fragment"));

    [Theory]
    [InlineData("int i = 1;\nint j = i +;\n", "", "docs/x.md(11,12): CS1525 Invalid expression term ';'")]
    [InlineData("Console.WriteLine(1);\nMissing();\n", "", "docs/x.md(11,1): CS0103 The name 'Missing' does not exist in the current context")]
    [InlineData("Console.WriteLine(1);\nConsole.WriteLine(new FrameHeader());\n", "", "docs/x.md(11,23): CS0246 The type or namespace name 'FrameHeader' could not be found (are you missing a using directive or an assembly reference?)")]
    [InlineData("int i = 1;\n", "", "docs/x.md(10,5): CS0219 The variable 'i' is assigned but its value is never used")]
    [InlineData("string s = null;\nConsole.WriteLine(s);\n", "", "docs/x.md(10,12): CS8600 Converting null literal or possible null value to non-nullable type.")]
    [InlineData("class X;\n", "", "docs/x.md(10): CS5001 Program does not contain a static 'Main' method suitable for an entry point")]
    [InlineData("using System.Buffers;\n\n// why\nvar x = Missing();\nrecord R(Absent A);\n", "fragment", "docs/x.md(13,9): CS0103 The name 'Missing' does not exist in the current context")]
    [InlineData("var x = 1;\n\nrecord R(Absent A);\n", "fragment", "docs/x.md(12,10): CS0246 The type or namespace name 'Absent' could not be found (are you missing a using directive or an assembly reference?)")]
    [InlineData("using No.Such;\n", "fragment", "docs/x.md(10,7): CS0246 The type or namespace name 'No' could not be found (are you missing a using directive or an assembly reference?)")]
    [InlineData("Xunit.Assert.True(true);\n", "fragment", "docs/x.md(10,1): CS0103 The name 'Xunit' does not exist in the current context")]
    [InlineData("int i;\n", "fragmint", "docs/x.md(10): a block cannot be 'fragmint'; the words are fragment, run, server, echo, client")]
    [InlineData("int i;\n", "fragment server", "docs/x.md(10): 'fragment server' do not go together")]
    [InlineData("int i;\n", "echo", "docs/x.md(10): 'echo' do not go together")]
    public void An_error_is_reported_where_it_stands_in_the_document(string code, string words, string error) => Assert.Contains(error, Check(code, words));

    private static List<string> Check(string code, string words = "") =>
        SnippetCompiler.Check(new Snippet("docs/x.md", 10, words.Split(' ', StringSplitOptions.RemoveEmptyEntries), code));
}
