namespace Wspy.Tests.Architecture;

public class SourceRuleTests
{
    private const string Logging = "using Microsoft.Extensions.Logging;\n";

    private static readonly Lazy<SourceTree> Library = new(() => new SourceTree(Repository.Sources("src/Wspy")));

    // Every project under src is parsed; only the library is bound, the others name packages of their own.
    private static readonly Lazy<SourceTree> All = new(() => new SourceTree(Repository.Sources("src")));

    [Fact]
    public void No_file_is_longer_than_a_reader_can_hold() => Offences.None(SourceRules.LongFiles(Repository.Sources("src")));

    [Theory]
    [InlineData(SourceRules.MaxLines, 0)]
    [InlineData(SourceRules.MaxLines + 1, 1)]
    public void A_long_file_is_found(int lines, int offences) =>
        Assert.Equal(offences, SourceRules.LongFiles([("src/X.cs", string.Concat(Enumerable.Repeat("//\n", lines)))]).Count);

    [Fact]
    public void No_file_has_regions() => Offences.None(SourceRules.Regions(All.Value));

    [Fact]
    public void A_region_is_found() =>
        Assert.Equal(["src/Wspy/X.cs(3): #region; split the type instead"], SourceRules.Regions(Source("class X\n{\n    #region Fields\n    #endregion\n}\n")));

    [Fact]
    public void No_exception_is_swallowed_in_silence() => Offences.None(SourceRules.SilentCatches(All.Value));

    [Theory]
    [InlineData("catch { }", 1)]
    [InlineData("catch { /* a reason, but no type */ }", 1)]
    [InlineData("catch (IOException) { }", 1)]
    [InlineData("catch (IOException) { /* the peer is gone, which the caller learns from the close */ }", 0)]
    [InlineData("catch (IOException e) { Console.WriteLine(e); }", 0)]
    [InlineData("catch { Console.WriteLine(); throw; }", 0)]
    public void A_silent_catch_is_found(string clause, int offences) =>
        Assert.Equal(offences, SourceRules.SilentCatches(Source($"class X {{ void M() {{ try {{ M(); }} {clause} }} }}")).Count);

    [Fact]
    public void No_exception_is_of_the_base_type() => Offences.None(SourceRules.BareExceptions(All.Value));

    [Theory]
    [InlineData("throw new Exception(\"x\");", 1)]
    [InlineData("throw new System.Exception(\"x\");", 1)]
    [InlineData("Exception e = new(\"x\"); throw e;", 1)]
    [InlineData("throw new ApplicationException(\"x\");", 1)]
    [InlineData("throw new InvalidOperationException(\"x\"); // not new Exception(", 0)]
    public void A_bare_exception_is_found(string statement, int offences) =>
        Assert.Equal(offences, SourceRules.BareExceptions(Source($"class X {{ void M() {{ {statement} }} }}")).Count);

    [Fact]
    public void Event_ids_are_unique() => Offences.None(SourceRules.EventIds(All.Value));

    [Theory]
    [InlineData("[LoggerMessage(1, LogLevel.Debug, \"a\")]", "[LoggerMessage(1, LogLevel.Debug, \"b\")]", "src/Wspy/X.cs(5): event id 1 is taken by src/Wspy/X.cs(4)")]
    [InlineData("[LoggerMessage(EventId = 2, Message = \"a\")]", "[LoggerMessage(Two, LogLevel.Debug, \"b\")]", "src/Wspy/X.cs(5): event id 2 is taken by src/Wspy/X.cs(4)")]
    [InlineData("[LoggerMessage(1, LogLevel.Debug, \"a\")]", "[LoggerMessage(Level = LogLevel.Debug, Message = \"b\")]", "src/Wspy/X.cs(5): the log message has no event id")]
    [InlineData("[LoggerMessage(1, LogLevel.Debug, \"a\")]", "[LoggerMessage(LogLevel.Debug, \"b\")]", "src/Wspy/X.cs(5): the log message has no event id")]
    [InlineData("[LoggerMessage(1, LogLevel.Debug, \"a\")]", "[LoggerMessage(2, LogLevel.Debug, \"b\")]", null)]
    public void A_repeated_event_id_is_found(string first, string second, string? offence)
    {
        SourceTree sources = Source($"{Logging}static partial class X\n{{\n    {first} static partial void A(ILogger l);\n    {second} static partial void B(ILogger l);\n    const int Two = 2;\n}}\n");

        Assert.Equal(offence is null ? [] : [offence], SourceRules.EventIds(sources));
    }

    [Fact]
    public void Public_types_tell_their_threading_contract() => Offences.None(SourceRules.UntoldThreading(Library.Value));

    [Theory]
    [InlineData("public class X;", 1)]
    [InlineData("/// <summary>Safe from any thread.</summary>\npublic class X;", 1)]
    [InlineData("/// <remarks>Mutable.</remarks>\npublic struct X;", 1)]
    [InlineData("/// <remarks></remarks>\npublic interface X;", 1)]
    [InlineData("/// <remarks>Values.</remarks>\npublic sealed record X(int A) { public int B { get; set; } }", 1)]
    [InlineData("/// <remarks>Values.</remarks>\npublic record struct X(int A);", 1)]
    [InlineData("/// <remarks>Values.</remarks>\npublic readonly record struct X(int A);", 0)]
    [InlineData("/// <remarks>Values.</remarks>\npublic sealed record X(int A) { public int B { get; init; } }", 0)]
    [InlineData("/// <remarks>A view.</remarks>\npublic ref struct X;", 0)]
    [InlineData("/// <summary>x</summary>\n/// <remarks>\n/// Safe from any thread.\n/// </remarks>\npublic class X;", 0)]
    [InlineData("/// <remarks>Not thread-safe.</remarks>\npublic partial class X;\npublic partial class X { int _x; }", 0)]
    [InlineData("/// <remarks>One thread at a time.</remarks>\npublic class X { public struct Inner; }", 0)]
    [InlineData("public enum X { One }", 0)]
    [InlineData("public class X : IOException;", 0)]
    [InlineData("public static class X;", 0)]
    [InlineData("class X;", 0)]
    public void A_public_type_without_a_threading_contract_is_found(string source, int offences) =>
        Assert.Equal(offences, SourceRules.UntoldThreading(Source(source)).Count);

    private static SourceTree Source(string text) => new([("src/Wspy/X.cs", text)]);
}
