// An order and the job that ships it in one transaction of node-postgres.
//
//   npm install && DATABASE_URL=postgresql://… node enqueue.mjs ORDER
import pg from 'pg';

async function submitJob(client, job) {
  const { rows } = await client.query('SELECT errand_submit_job($1) AS id', [JSON.stringify(job)]);
  return rows[0].id;
}

async function placeOrder(client, order) {
  await client.query('BEGIN');
  try {
    const job = await submitJob(client, {
      tag: `ship:${order}`,
      type: 'shipOrder',
      userId: 42,
      data: { order, note: 'Grüße an "Ada"' },
      due: '10m',
      queue: 'shipping',
      priority: 5,
      retry: { first: '5s', maxAttempts: 5 },
      timeout: '1m',
      removeDelay: '7d',
      meta: { by: 'shop' },
    });
    await client.query('INSERT INTO orders VALUES ($1)', [order]);
    await client.query('COMMIT');
    console.log(`job ${job} will ship order ${order}`);
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
try {
  await client.connect();
  await placeOrder(client, Number(process.argv[2]));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await client.end();
}
