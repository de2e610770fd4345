namespace JitsiMesh.Tidy.Tests;

/// <summary>That the checks of the tree's structure find what they look for.</summary>
public sealed class StructureCheckTests
{
    [Fact]
    public void A_type_reaches_from_its_declaration_to_its_end_with_the_types_inside_of_it()
    {
        var code = CSharpText.WithoutCommentsAndLiterals("""
            namespace A.B;

            /// <summary>A class Comment { is none.</summary>
            public sealed partial class Outer<T>(int size) : Base where T : class
            {
                private const string Text = "class Quoted {";
                private const char Brace = '{', Quote = '\'';

                private sealed class Inner
                {
                }
            }

            internal readonly record struct Pair(int A, int B);

            public enum Kind
            {
                One,
            }
            """);

        Assert.Equal("A.B", CSharpText.Namespace(code));
        Assert.Equal([new TypeExtent("Outer", 4, 12), new TypeExtent("Pair", 14, 14), new TypeExtent("Kind", 16, 19)], CSharpText.Types(code));
    }

    [Theory]
    [InlineData("a /* b \n c */ d", "a \n d")]
    [InlineData("a // \"b\nc", "a \nc")]
    [InlineData("f(\"b\\\"}\") + c", "f(\"\") + c")]
    [InlineData("f(@\"b\\\"\"}\\\") + c", "f(\"\") + c")]
    [InlineData("f($\"b {(x ? \"}\" : y[\"{\"])} {{ d\") + c", "f(\"\") + c")]
    [InlineData("f(\"\"\"b \"quoted\" {\n\"\"\") + c", "f(\"\"\n) + c")]
    [InlineData("f(@\"\"\"b\"\" {\") + c", "f(\"\") + c")]
    [InlineData("@class + $x", "@class + $x")]
    public void Comments_and_literals_are_no_code(string text, string code) => Assert.Equal(code, CSharpText.WithoutCommentsAndLiterals(text));

    [Fact]
    public void Two_folders_that_use_each_other_are_found_and_others_are_not()
    {
        FolderSource[] sources =
        [
            new("Rooms", "using P.Links;\nnamespace P.Rooms;\nclass Room;"),
            new("Links", "namespace P.Links;\nclass Link { Rooms.Room Room; }"),
            new("Links", "namespace P.Links;\nclass Other;"),
            new("Lower", "namespace P.Lower;\nclass Limit;"),
            new("Rooms", "using P.Lower;\nnamespace P.Rooms;\nclass Second;"),
            new("Rooms/Lobby", "using P.Rooms;\nnamespace P.Rooms.Lobby;\nclass Lobby;"),
            new("Rooms", "using P.Rooms.Lobby;\nnamespace P.Rooms;\nclass Third;"),
            new("", "using P.Rooms;\nnamespace P;\nclass Module;"),
        ];

        Assert.Equal(["Links and Rooms"], FolderNeeds.TwoWay(sources));
    }

    [Fact]
    public void A_static_or_renamed_use_of_a_type_is_a_need_of_its_folder()
    {
        Assert.Equal(["A and B"], FolderNeeds.TwoWay([
            new("A", "using static P.B.Two;\nnamespace P.A;\nclass One;"),
            new("B", "using Alias = P.A.One;\nnamespace P.B;\nclass Two;"),
        ]));
    }

    [Fact]
    public void What_is_over_a_limit_must_be_listed_and_may_only_shrink()
    {
        var listed = new Dictionary<string, int> { ["Large"] = 700, ["Shrunk"] = 800, ["Small"] = 650, ["Gone"] = 900 };
        Dictionary<string, int> Measured(int large) => new() { ["Large"] = large, ["Shrunk"] = 774, ["Small"] = 600, ["New"] = 601, ["Fine"] = 20 };

        Assert.Equal(
            ["New: 601 lines, 600 are allowed", "Shrunk: 774 lines, lower its entry of 800", "Small: keeps the limit of 600 or is gone, remove its entry", "Gone: keeps the limit of 600 or is gone, remove its entry"],
            Allowances.Violations(Measured(700), 600, listed));
        Assert.Contains("Large: 701 lines, it had 700 and may only shrink", Allowances.Violations(Measured(701), 600, listed));
    }

    [Fact]
    public void A_listed_pair_that_is_mended_must_leave_the_list() =>
        Assert.Equal(["A and C: new", "A and B: gone, remove its entry"], Allowances.Violations(["A and C"], ["A and B"]));
}
