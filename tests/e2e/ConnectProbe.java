// What a program with JDBC does: metadata, a prepared statement run until the driver wants binary, rows in pieces.
//   ConnectProbe PORT PASSWORD AGGREGATE
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;

public class ConnectProbe {
    static void tables(DatabaseMetaData about) throws SQLException {
        try (ResultSet tables = about.getTables(null, null, "%", new String[] {"TABLE"})) {
            while (tables.next()) System.out.println("table " + tables.getString("TABLE_SCHEM") + "." + tables.getString("TABLE_NAME"));
        }
        try (ResultSet columns = about.getColumns(null, "public", "IR\\_BEN\\_R", "BEN_NAI%")) {
            while (columns.next())
                System.out.println("column " + columns.getString("COLUMN_NAME") + " " + columns.getString("TYPE_NAME") + " "
                    + columns.getInt("ORDINAL_POSITION"));
        }
        try (ResultSet keys = about.getPrimaryKeys(null, "public", "IR_BEN_R")) {
            System.out.println("keys " + keys.next());
        }
        try (ResultSet schemas = about.getSchemas()) {
            while (schemas.next()) System.out.println("schema " + schemas.getString(1));
        }
    }

    static void prepared(Connection connection) throws SQLException {
        String sql = "SELECT BEN_SEX_COD, count(*) AS n, avg(BEN_NAI_ANN) AS y FROM IR_BEN_R WHERE BEN_NAI_ANN > ? GROUP BY BEN_SEX_COD";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int time = 0; time < 7; ++time) {
                statement.setInt(1, 1900);
                try (ResultSet rows = statement.executeQuery()) {
                    ResultSetMetaData about = rows.getMetaData();
                    StringBuilder line = new StringBuilder("prepared");
                    while (rows.next())
                        line.append(" ").append(rows.getLong(1)).append("=").append(rows.getLong(2)).append("/").append(Math.round(rows.getDouble(3)));
                    System.out.println(line + " " + about.getColumnTypeName(2));
                }
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        String url = "jdbc:postgresql://127.0.0.1:" + arguments[0] + "/sceau";
        try (Connection connection = DriverManager.getConnection(url, "carol", arguments[1])) {
            System.out.println("product " + connection.getMetaData().getDatabaseProductName() + " " + connection.getMetaData().getDatabaseProductVersion());
            tables(connection.getMetaData());
            prepared(connection);
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.setFetchSize(1);
                try (ResultSet rows = statement.executeQuery(arguments[2])) {
                    while (rows.next()) System.out.println("row " + rows.getInt(1) + " " + rows.getLong(2));
                }
            }
            connection.commit();
            try (Statement statement = connection.createStatement()) {
                statement.executeQuery("SELECT BEN_NIR_ANO FROM IR_BEN_R");
            } catch (SQLException refused) {
                System.out.println("refused " + refused.getSQLState());
            }
        }
    }
}
